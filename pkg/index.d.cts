// Everything public, by name: what is not listed here is nobody's business but ours.
export {
  type BaseClient,
  Client,
  type ClientEvent,
  type ClientMap,
  type CoreSource,
  type LoginClient,
  type MasumiClient,
  type TokenOptions,
  ready,
  sessionId,
} from "./types/client.cjs";
export { type CommonConfig, type ConfigMap, type ProviderName, type WaitUntil } from "./types/config.cjs";
export { type ErrorCode, LatchkeyError, Secret } from "./types/error.cjs";
export { type Claims, type Header, decode, expiresAt, isExpired } from "./types/jwt.cjs";
export {
  type ApiKey,
  type ApiKeyChanges,
  type CreatedKey,
  type MasumiKeys,
  type NewApiKey,
  type Rotation,
  type RpcKey,
} from "./types/keys.cjs";
export {
  type CreatedMasvKey,
  type MasvAccount,
  type MasvAction,
  type MasvClient,
  type MasvKey,
  type MasvKeyChanges,
  type MasvKeys,
  type MasvPackageClient,
  type MasvTransferClient,
  type NewMasvKey,
} from "./types/masv.cjs";
export { type Algorithm, type Jwks, type VerifyOptions, jwks, verify } from "./types/verify.cjs";
