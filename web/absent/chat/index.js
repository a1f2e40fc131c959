/** Stands in the place of `@azure/communication-chat`: the call page has no chat, and bundles none. */
export class ChatClient {}
