/** Minor version of the contracts; raised with every release that adds to them. Neighbours differ by at most one. */
export const contractMinor = 1;
