// While developing, Vite hands the page's requests for a token to the backend.
export default {
  server: { proxy: { "/token": process.env.BACKEND ?? "http://127.0.0.1:3000" } },
};
