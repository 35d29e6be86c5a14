// How is a gRPC call told that has ended?

/** Takes in one call: method, name of the gRPC status, seconds. Must not throw. */
export type ObserveCall = (method: string, code: string, seconds: number) => void;
