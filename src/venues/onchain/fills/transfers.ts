/**
 * Transfers of tokens, from the raw logs of a receipt. viem's parser hashes the signature of the event anew for each log, which cost more
 * than all else that reads a fill.
 */
import { isAddressEqual, slice, toEventSelector, type Address, type Hex } from 'viem';

export interface TransferLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

const TRANSFER = toEventSelector('Transfer(address,address,uint256)');
/** '0x' and a word. */
const WORD_CHARACTERS = 66;

/** What the account received of the token less what it sent, by the token's events. */
export function netOf(
  { logs }: { readonly logs: readonly TransferLog[] },
  token: Address,
  account: Address,
): bigint {
  return transfersOf(logs, token).reduce((net, { from, to, value }) => {
    const received = isAddressEqual(to, account) ? value : 0n;
    const given = isAddressEqual(from, account) ? value : 0n;
    return net + received - given;
  }, 0n);
}

/** All that was transferred of the token from one account to another. */
export function transferred(
  logs: readonly TransferLog[],
  token: Address,
  from: Address,
  to: Address,
): bigint {
  return transfersOf(logs, token).reduce(
    (sum, each) => (isAddressEqual(each.from, from) && isAddressEqual(each.to, to) ? sum + each.value : sum),
    0n,
  );
}

interface Transfer {
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
}

/** An event of the same name with other fields, as of a token that is no ERC-20, is left out. */
function transfersOf(logs: readonly TransferLog[], token: Address): readonly Transfer[] {
  return logs.flatMap(({ address, topics: [name, from, to, ...others], data }) => {
    if (name !== TRANSFER || from === undefined || to === undefined || others.length > 0) return [];
    if (data.length !== WORD_CHARACTERS || !isAddressEqual(address, token)) return [];
    return [{ from: slice(from, 12), to: slice(to, 12), value: BigInt(data) }];
  });
}
