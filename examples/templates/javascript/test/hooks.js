export async function resolve(specifier, context, next) {
  return specifier.startsWith("crhost:flavor/") ? next("./host.js", { ...context, parentURL: import.meta.url }) : next(specifier, context);
}
