/** Meetings of Teams, which no server of this version has. */

/** A meeting by its link. */
export interface TeamsMeetingLinkLocator {
  meetingLink: string;
}

/** A meeting by its number. */
export interface TeamsMeetingIdLocator {
  meetingId: string;
  passcode?: string | undefined;
}
