// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Answers as the GasPriceOracle of OP-stack chains, with one price for each byte.
contract L1FeeOracle {
    uint256 private immutable weiPerByte;

    constructor(uint256 weiPerByte_) {
        weiPerByte = weiPerByte_;
    }

    function getL1Fee(bytes memory transaction) external view returns (uint256) {
        return transaction.length * weiPerByte;
    }
}
