// The part of Node's types that samples use: @types/node has them for users.
declare const process: { env: Record<string, string | undefined> };
