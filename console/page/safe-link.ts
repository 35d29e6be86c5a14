// May an address that an object names become a link? (pure)

/** The address if it is one of a web page; anything else, such as `javascript:`, is none. */
export function safeLink(address: string | undefined): string | undefined {
  return address !== undefined && /^https?:\/\//i.test(address) ? address : undefined;
}
