/** A replica's id: its pod's name, and in a pack of several stages which of them it is. */
export const replicaOf = (pod: string, stage: string, members: number): string => (members === 1 ? pod : `${pod}-${stage}`);
