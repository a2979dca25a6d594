// The same names, got by `require`.
import latchkey = require("latchkey");

export const client: latchkey.BaseClient = new latchkey.Client({ provider: "masivo", apiKey: "key" });
export const expired: boolean = latchkey.isExpired("token");
export const failed = (error: unknown): boolean => error instanceof latchkey.LatchkeyError;
