/** What a receipt says that its sender paid for the transaction, beside the value that it sends. */
import { hexToBigInt, isHex } from 'viem';
import { z } from 'zod';

const quantity = z.union([
  z.bigint(),
  z
    .string()
    .refine(isHex)
    .transform((hex) => hexToBigInt(hex)),
]);

/** Beyond what viem's types say: old chains leave the price out, and rollups of the OP stack add what the data cost. */
const chargesSchema = z.looseObject({
  gasUsed: z.bigint(),
  effectiveGasPrice: z.bigint().nullish(),
  l1Fee: quantity.nullish(),
  /** Rollups may charge a fee of their operator, whose formula changes with their releases. */
  operatorFeeScalar: quantity.nullish(),
  operatorFeeConstant: quantity.nullish(),
});

/** Wei, data fees of rollups included. Null: the receipt does not say all of it. */
export function paidFor(receipt: object): bigint | null {
  const read = chargesSchema.safeParse(receipt);
  if (!read.success) return null;
  const { gasUsed, effectiveGasPrice, l1Fee, operatorFeeScalar, operatorFeeConstant } = read.data;
  const hasOperatorFee = (operatorFeeScalar ?? 0n) > 0n || (operatorFeeConstant ?? 0n) > 0n;
  return effectiveGasPrice == null || hasOperatorFee ? null : gasUsed * effectiveGasPrice + (l1Fee ?? 0n);
}
