// Runs in every page before its own scripts: says on the console what Azure's composite tells apps of errors.
(() => {
  const followed = new WeakSet();

  function follow(adapter) {
    if (followed.has(adapter)) return;
    followed.add(adapter);
    const told = new Set();
    // Errors of what it was asked for are events; those of what it does by itself stand in its state alone.
    const tell = ({ message, timestamp }) => {
      const known = `${message} ${timestamp?.getTime()}`;
      if (told.has(known)) return;
      told.add(known);
      console.error(`the adapter: ${message}`);
    };
    const look = ({ latestErrors }) => Object.values(latestErrors).forEach(tell);
    adapter.on("error", tell);
    adapter.onStateChange(look);
    look(adapter.getState());
  }

  // React's own door for tools: it is told of every tree that was put up.
  globalThis.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
    supportsFiber: true,
    inject: () => 1,
    onCommitFiberRoot(_, { current }) {
      const adapter = current.child?.memoizedProps?.adapter;
      if (adapter !== undefined) follow(adapter);
    },
    onCommitFiberUnmount: () => undefined,
  };
})();
