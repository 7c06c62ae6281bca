import type { FastifyInstance } from "fastify";

/**
 * The methods of each address, for 405 and its `Allow`: the framework knows only that it has no route.
 * Register before the routes.
 * @returns methods of the routes that an address fits; empty: there is nothing at it
 */
export function followRoutes(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    const source = url.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part === "*" ? ".*" : RegExp.escape(part)));
    for (const each of Array.isArray(method) ? method : [method])
      routes.push({ method: each, pattern: new RegExp(`^${source.join("/")}/?$`) });
  });
  return (path) => [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
}
