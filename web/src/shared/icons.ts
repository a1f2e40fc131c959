/** The icons of the pages: strokes on a 24 by 24 grid, drawn for OpenRooms. */

const SPACE = "http://www.w3.org/2000/svg";

const MIC_BODY = "M12 3.5a3 3 0 0 1 3 3V12a3 3 0 0 1-6 0V6.5a3 3 0 0 1 3-3Z";
const CAMERA_BODY = "M4.5 7h8A2 2 0 0 1 14.5 9v6a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2Z";
const SLASH = "M4 3.5 20 20.5";

const PATHS = {
  alert: ["M12 8v5", "M12 16.4v.1", "M12 3.5 2.8 19.5h18.4L12 3.5Z"],
  camera: [CAMERA_BODY, "m14.5 11 5.6-3.2a.6.6 0 0 1 .9.5v7.4a.6.6 0 0 1-.9.5L14.5 13"],
  cameraOff: [CAMERA_BODY, "m14.5 11 5.6-3.2a.6.6 0 0 1 .9.5v7.4a.6.6 0 0 1-.9.5L14.5 13", SLASH],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  close: ["M6 6l12 12", "M18 6 6 18"],
  copy: [
    "M9 8.5h9a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5H9A1.5 1.5 0 0 1 7.5 19v-9A1.5 1.5 0 0 1 9 8.5Z",
    "M16 5.5V5a1.5 1.5 0 0 0-1.5-1.5h-9A1.5 1.5 0 0 0 4 5v9a1.5 1.5 0 0 0 1 1.4",
  ],
  door: [
    "M6 20.5V5a1.5 1.5 0 0 1 1.5-1.5h9A1.5 1.5 0 0 1 18 5v15.5",
    "M3.5 20.5h17",
    "M14.5 12v.1",
  ],
  leave: [
    "M3.3 14.7c-.6-1-.6-2.3.1-3.2C5.3 9.2 8.5 7.9 12 7.9s6.7 1.3 8.6 3.6c.7.9.7 2.2.1 3.2l-.4.7c-.3.5-.9.7-1.4.5l-2.7-1c-.5-.2-.8-.6-.8-1.1v-1.3a11 11 0 0 0-6.8 0v1.3c0 .5-.3.9-.8 1.1l-2.7 1c-.5.2-1.1 0-1.4-.5l-.4-.7Z",
  ],
  mic: [MIC_BODY, "M6 11.5a6 6 0 0 0 12 0", "M12 17.5v3"],
  micOff: [MIC_BODY, "M6 11.5a6 6 0 0 0 12 0", "M12 17.5v3", SLASH],
  people: [
    "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
    "M2.5 19.5c.4-3.2 3.1-5 6.5-5s6.1 1.8 6.5 5",
    "M15.8 4.9a3.3 3.3 0 0 1 0 6.2",
    "M18 14.9c2 .7 3.3 2.3 3.5 4.6",
  ],
  screen: [
    "M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5V6a1.5 1.5 0 0 1 1.5-1.5Z",
    "M12 13.5v-6",
    "m9.3 10 2.7-2.7 2.7 2.7",
    "M8.5 20h7",
  ],
  screenStop: [
    "M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5V6a1.5 1.5 0 0 1 1.5-1.5Z",
    "m9.7 8.4 4.6 4.7",
    "m14.3 8.4-4.6 4.7",
    "M8.5 20h7",
  ],
  settings: [
    "M4 7.5h8.5",
    "M17.5 7.5H20",
    "M15 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    "M4 16.5h2.5",
    "M11.5 16.5H20",
    "M9 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  ],
  speaking: ["M6 10v4", "M10 7v10", "M14 9v6", "M18 10.5v3"],
} as const;

export type IconName = keyof typeof PATHS;

/** A picture without words: the text beside it, or its button's label, says what it means. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  for (const data of PATHS[name]) {
    const path = document.createElementNS(SPACE, "path");
    path.setAttribute("d", data);
    svg.append(path);
  }
  return svg;
}
