/** The line above the composite, for what it does not say itself. */
import type { NewsItem } from "./news.js";

interface StripProps {
  readonly item: NewsItem | undefined;
  close(): void;
}

/** News in words; a region that is always there, so that screen readers hear what comes. */
export function Strip({ item, close }: StripProps) {
  return (
    <div role="status" data-testid="news">
      {item && (
        <div className="strip" data-kind={item.kind} data-testid={`news-${item.kind}`}>
          <p>
            <strong>{item.title}.</strong> {item.text}
            {item.end && (
              <span className="digits">{` (${item.end.code}/${item.end.subCode})`}</span>
            )}
          </p>
          <button type="button" className="bare" aria-label="Close this message" onClick={close}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}
