// The examples of the standards. A JWT's payload is a JSON object, which only RFC 7515's are: where it is not, `verify` refuses the token,
// and the signature alone is checked, by the same functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { verify } from "latchkey";
import { checkSignature, importKey } from "../src/crypto.js";
import { rejects } from "./support.mjs";

const now = new Date(1_300_819_379_000);
const claims = { iss: "joe", exp: 1300819380, "http://example.com/is_root": true };

/** RFC 7515 appendices A.1 to A.3: key and token. */
const RFC_7515 = {
  HS256: [
    { kty: "oct", k: "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow" },
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  ],
  RS256: [
    {
      kty: "RSA",
      n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
      e: "AQAB",
    },
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
  ],
  ES256: [
    { kty: "EC", crv: "P-256", x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" },
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
  ],
};

for (const [alg, [key, token]] of Object.entries(RFC_7515)) {
  test(`RFC 7515 appendix A, ${alg}`, async () => {
    const options = { key, algorithms: [alg], issuer: "joe", now };
    assert.deepEqual((await verify(token, options)).claims, claims);
    await rejects(verify(token, { ...options, now: undefined }), { code: "ERR_TOKEN_EXPIRED" });
    const [header, , signature] = token.split(".");
    const other = Buffer.from(JSON.stringify({ ...claims, iss: "eve" })).toString("base64url");
    await rejects(verify(`${header}.${other}.${signature}`, options), { code: "ERR_SIGNATURE" });
  });
}

const FRODO =
  "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";
const BILBO_RSA = {
  kty: "RSA",
  kid: "bilbo.baggins@hobbiton.example",
  use: "sig",
  n: "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
  e: "AQAB",
};
const BILBO_EC = {
  kty: "EC",
  kid: "bilbo.baggins@hobbiton.example",
  use: "sig",
  crv: "P-521",
  x: "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",
  y: "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1",
};

/** Appendices A.5 to A.7: what is not signed, and what is written as JSON. */
test("RFC 7515 appendix A, what is no signed token in its compact form", async () => {
  const [key, token] = RFC_7515.ES256;
  const [header, payload, signature] = token.split(".");
  const unsecured = `eyJhbGciOiJub25lIn0.${payload}.`;
  for (const [key] of Object.values(RFC_7515)) {
    await rejects(verify(unsecured, { key, algorithms: Object.keys(RFC_7515), now }), { code: "ERR_SIGNATURE" });
  }
  const flattened = { payload, protected: header, header: { kid: "e9bc097a-ce51-4036-9562-d2ade882db0d" }, signature };
  const general = { payload, signatures: [{ protected: header, header: flattened.header, signature }] };
  for (const json of [flattened, general]) {
    await rejects(verify(JSON.stringify(json), { key, now }), { code: "ERR_TOKEN_MALFORMED" });
    await rejects(verify(json, { key, now }), { code: "ERR_TOKEN_MALFORMED" });
  }
});

/** RFC 7515 appendix A.4, RFC 7520 §4.1 to §4.3 and RFC 8037 appendix A.4: algorithm, key and token. §4.4, HMAC, is in src/verify/tests.rs. */
const OTHERS = [
  [
    "RFC 7515 appendix A.4",
    "ES512",
    {
      kty: "EC",
      crv: "P-521",
      x: "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
      y: "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
    },
    "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
  ],
  [
    "RFC 7520 §4.1",
    "RS256",
    BILBO_RSA,
    `eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${FRODO}.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg`,
  ],
  [
    "RFC 7520 §4.2",
    "PS384",
    BILBO_RSA,
    `eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${FRODO}.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw`,
  ],
  [
    "RFC 7520 §4.3",
    "ES512",
    BILBO_EC,
    `eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${FRODO}.AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2`,
  ],
  [
    "RFC 8037 appendix A.4",
    "EdDSA",
    { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
  ],
];

/** An algorithm as the core names it to the platform: with what Web Crypto has to know of it. */
const NAMES = ["ES512 ECDSA P-521", "RS256 RSASSA-PKCS1-v1_5 SHA-256", "PS384 RSA-PSS SHA-384", "EdDSA Ed25519"];

for (const [name, alg, key, token] of OTHERS) {
  test(`${name}, ${alg}`, async () => {
    const names = NAMES.find((names) => names.startsWith(alg));
    const imported = await importKey(names, JSON.stringify(key));
    assert.equal(await checkSignature(names, imported, token), true);
    const [header, payload, signature] = token.split(".");
    const spoilt = signature.replace(/./, (first) => (first === "A" ? "B" : "A"));
    assert.equal(await checkSignature(names, imported, `${header}.${payload}.${spoilt}`), false);
    assert.equal(await checkSignature(names, imported, `${header}.${payload}A.${signature}`), false);
    await rejects(verify(token, { key, algorithms: [alg] }), { code: "ERR_TOKEN_MALFORMED", message: "payload" });
  });
}
