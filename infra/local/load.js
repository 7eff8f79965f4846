/**
 * Loads a workspace of this checkout. The name is not followed by the compiler: workspaces are built when the launcher
 * runs, not when it is checked.
 * @param {string} name
 */
export const load = (name) => import(name);
