// The page: what it shows of a call, whichever way the state of it comes.
export function find(testId) {
  return document.querySelector(`[data-testid="${testId}"]`);
}

/** Draw the others: `people` are the library's states of them, each with its picture if it has one. */
export function draw(people, state) {
  find("leave").hidden = state !== "Connected";
  const tiles = people.map(({ rawId, displayName, target }) => {
    const tile =
      document.querySelector(`[data-raw-id="${rawId}"]`) ?? document.createElement("div");
    Object.assign(tile.dataset, { testid: "tile", rawId, name: displayName ?? "" });
    if (target !== undefined && !tile.contains(target)) tile.replaceChildren(target);
    return tile;
  });
  const others = document.getElementById("others");
  if (tiles.some((tile) => !others.contains(tile)) || tiles.length < others.children.length) {
    others.replaceChildren(...tiles);
  }
}
