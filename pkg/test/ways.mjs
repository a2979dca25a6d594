// What a function of the user's does at its worst, whatever it is for.

/** What a function does, given what it would do if it were well-behaved. */
export const WAYS = {
  "calls back into the client": (client, well, count) => {
    // A clock that sets calls off each time that it is read would keep itself going for ever.
    if (count > 3) return well();
    client.expiresAt;
    client.token().catch(() => {});
    client.headers().catch(() => {});
    client.fetch("/whoami").then((response) => response.arrayBuffer()).catch(() => {});
    JSON.stringify(client);
    return well();
  },
  "logs out once": (client, well, count) => {
    if (count === 1) client.logout().catch(() => {});
    return well();
  },
  "invalidates the client once": (client, well, count) => {
    if (count === 1) client.invalidate();
    return well();
  },
  "frees the client": (client, well) => {
    client.free();
    return well();
  },
  throws: () => {
    throw new RangeError("mine");
  },
  rejects: async () => {
    throw new RangeError("mine");
  },
  "never settles": () => new Promise(() => {}),
  "settles twice": (client, well) => ({
    then(resolve, reject) {
      Promise.resolve(well()).then((value) => {
        resolve(value);
        resolve("another");
        reject(new Error("after all"));
      }, reject);
    },
  }),
};

/** `act` in place of a function that is called for this client, and how often it was. */
export function guarded(act, clientOf) {
  let busy = false;
  const place = {
    count: 0,
    act(well) {
      const client = clientOf();
      // What it sets off calls it again; then it does as it should, or it would go on for ever.
      if (busy || !client) return well();
      busy = true;
      try {
        return act(client, well, ++place.count);
      } finally {
        busy = false;
      }
    },
  };
  return place;
}
