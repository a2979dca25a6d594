const latchkey = require("latchkey");

import("./suite.mjs").then(async ({ early, run }) => {
  console.log(JSON.stringify(await run(latchkey, process.argv[2], early(latchkey))));
});
