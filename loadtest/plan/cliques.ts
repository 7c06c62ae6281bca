/**
 * All sets of nodes that are near each other and that no other node is near to as a whole, each in the order given
 * (Bron and Kerbosch, "Algorithm 457: Finding All Cliques of an Undirected Graph", 1973, with a pivot). None for no nodes.
 */
export function maximalCliques(nodes: readonly string[], isNear: (a: string, b: string) => boolean): string[][] {
  const cliques: string[][] = [];
  const near = new Map(nodes.map((node) => [node, new Set(nodes.filter((other) => other !== node && isNear(node, other)))]));
  const nearOf = (node: string, among: readonly string[]) => among.filter((other) => near.get(node)?.has(other));
  const grow = (clique: readonly string[], candidates: readonly string[], done: readonly string[]): void => {
    if (candidates.length === 0) {
      if (done.length === 0 && clique.length > 0) cliques.push(nodes.filter((node) => clique.includes(node)));
      return;
    }
    const pivot = mostNear([...candidates, ...done], (node) => nearOf(node, candidates).length);
    const open = new Set(candidates);
    const closed = [...done];
    for (const node of candidates) {
      if (near.get(pivot)?.has(node)) continue;
      open.delete(node);
      grow([...clique, node], nearOf(node, [...open]), nearOf(node, closed));
      closed.push(node);
    }
  };
  grow([], nodes, []);
  return cliques;
}

function mostNear(nodes: readonly string[], degree: (node: string) => number): string {
  return nodes.reduce((best, node) => (degree(node) > degree(best) ? node : best), nodes[0] ?? "");
}
