// Headless Chromium over its own pipe: no library in between.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PROGRAMS = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"].filter(Boolean);

const start = (program, profile) =>
  new Promise((done, failed) => {
    const args = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--disable-extensions", "--disable-background-networking", "--remote-debugging-pipe",
      `--user-data-dir=${profile}`, "about:blank",
    ];
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    child.once("error", failed);
    child.once("spawn", () => done(child));
  });

/** A browser; `close` ends it. */
export const browser = async () => {
  const profile = mkdtempSync(join(tmpdir(), "shoseki-page-"));
  let child;
  for (const program of PROGRAMS) {
    child = await start(program, profile).catch(() => undefined);
    if (child) break;
  }
  if (!child) throw new Error(`no Chromium found (${PROGRAMS.join(", ")}); name one by CHROMIUM`);
  const waiting = new Map();
  const listeners = [];
  let number = 0;
  let rest = "";
  child.stdio[4].setEncoding("utf8");
  child.stdio[4].on("data", (text) => {
    const parts = (rest + text).split("\0");
    rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      if (message.id) {
        const { done, failed } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) failed(new Error(message.error.message));
        else done(message.result);
      } else for (const l of listeners) l(message);
    }
  });
  const ended = new Promise((done) => child.once("exit", done));
  ended.then(() => {
    for (const { failed } of waiting.values()) failed(new Error("the browser ended"));
  });
  const send = (method, params = {}, sessionId) =>
    new Promise((done, failed) => {
      const id = ++number;
      waiting.set(id, { done, failed });
      child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    });
  return {
    /** A new page of a file. `dark`, `script`, `width` as the reader has them. */
    open: (file, how) => open(send, listeners, file, how),
    close: async () => {
      await send("Browser.close").catch(() => {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

const open = async (send, listeners, file, { hash = "", dark = false, script = true, width = 1280 } = {}) => {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  const requests = [];
  const complaints = [];
  let loaded;
  const ready = new Promise((done) => (loaded = done));
  listeners.push(({ method, params, sessionId: of }) => {
    if (of !== sessionId) return;
    if (method === "Network.requestWillBeSent") requests.push(params.request.url);
    if (method === "Log.entryAdded") complaints.push(params.entry.text);
    if (method === "Runtime.exceptionThrown") complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Page.loadEventFired") loaded();
  });
  for (const domain of ["Page", "Runtime", "Network", "Log"]) await call(`${domain}.enable`);
  await call("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 });
  await call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
  await call("Emulation.setScriptExecutionDisabled", { value: !script });
  const address = pathToFileURL(file).href;
  await call("Page.navigate", { url: address + hash });
  await ready;
  const run = async (source) => {
    const { result, exceptionDetails } = await call("Runtime.evaluate", { expression: source, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return {
    run,
    complaints,
    /** Addresses that were asked for besides the page itself. */
    requests: () => requests.filter((r) => !r.startsWith(address.split("#")[0]) && !r.startsWith("data:")),
    /** Waits until `source` is true. */
    until: async (source, milliseconds = 20000) => {
      for (const end = Date.now() + milliseconds; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) {
        if (await run(source)) return;
      }
      throw new Error(`never came true: ${source}`);
    },
    picture: async (whole = false) =>
      Buffer.from((await call("Page.captureScreenshot", { captureBeyondViewport: whole })).data, "base64"),
    print: async () => Buffer.from((await call("Page.printToPDF", { printBackground: true, preferCSSPageSize: true })).data, "base64"),
    close: () => send("Target.closeTarget", { targetId }),
  };
};
