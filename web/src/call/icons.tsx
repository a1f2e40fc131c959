/** The pictures that parts of the UI library take from a font on its maker's network: drawn here instead. */
import { registerIcons } from "@fluentui/react";
import {
  Add20Regular,
  ArrowDown20Regular,
  ArrowDownload20Regular,
  Checkmark20Regular,
  CheckmarkCircle20Regular,
  ChevronDown16Regular,
  ChevronRight16Regular,
  ChevronUp16Regular,
  Circle20Regular,
  Clock20Regular,
  Dismiss16Regular,
  Edit20Regular,
  ErrorCircle20Regular,
  Info20Regular,
  MoreHorizontal20Regular,
  PeopleTeam20Regular,
  Person20Regular,
  Prohibited20Regular,
  QuestionCircle20Regular,
  Search20Regular,
  Warning20Regular,
} from "@fluentui/react-icons";

const FONT_ICONS = {
  add: <Add20Regular />,
  blocked2: <Prohibited20Regular />,
  cancel: <Dismiss16Regular />,
  checkmark: <Checkmark20Regular />,
  chevrondown: <ChevronDown16Regular />,
  chevrondownsmall: <ChevronDown16Regular />,
  chevronright: <ChevronRight16Regular />,
  chevronupsmall: <ChevronUp16Regular />,
  circlering: <Circle20Regular />,
  clear: <Dismiss16Regular />,
  clock: <Clock20Regular />,
  completed: <CheckmarkCircle20Regular />,
  contact: <Person20Regular />,
  down: <ArrowDown20Regular />,
  download: <ArrowDownload20Regular />,
  edit: <Edit20Regular />,
  error: <ErrorCircle20Regular />,
  errorbadge: <ErrorCircle20Regular />,
  help: <QuestionCircle20Regular />,
  info: <Info20Regular />,
  more: <MoreHorizontal20Regular />,
  people: <PeopleTeam20Regular />,
  search: <Search20Regular />,
  statuscirclecheckmark: <Checkmark20Regular />,
  warning: <Warning20Regular />,
};

/** Register them; those that the composite brings itself are registered by it, and win. */
export function registerLocalIcons(): void {
  registerIcons({ icons: FONT_ICONS });
}
