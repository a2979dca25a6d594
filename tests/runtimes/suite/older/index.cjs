const { Client } = require("latchkey");

exports.Client = Client;
