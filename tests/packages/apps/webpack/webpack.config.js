// How an app of webpack 5 is built with no settings of its own but its entry.
module.exports = {
  entry: "./main.js",
  output: { filename: "main.js" },
  performance: { hints: false },
};
