// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface Factory {
    function getPool(address one, address other, uint24 fee) external view returns (address);
}

interface Pool {
    function swap(address recipient, bool zeroForOne, int256 amount, uint160 limit, bytes calldata data)
        external
        returns (int256 amount0, int256 amount1);
}

interface Token {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}

interface Wrapped is Token {
    function deposit() external payable;
    function withdraw(uint256 amount) external;
}

/// The functions of Uniswap's SwapRouter02 that are called, with its interface and its reverts. The published contract comes
/// with a package that installs a whole development environment.
contract Router02 {
    struct ExactInputSingleParams {
        address tokenIn;
        address tokenOut;
        uint24 fee;
        address recipient;
        uint256 amountIn;
        uint256 amountOutMinimum;
        uint160 sqrtPriceLimitX96;
    }

    Factory public immutable factory;
    Wrapped public immutable WETH9;

    constructor(Factory factory_, Wrapped weth9) {
        factory = factory_;
        WETH9 = weth9;
    }

    receive() external payable {
        require(msg.sender == address(WETH9), "Not WETH9");
    }

    function unwrapWETH9(uint256 amountMinimum, address recipient) external payable {
        uint256 amount = WETH9.balanceOf(address(this));
        require(amount >= amountMinimum, "Insufficient WETH9");
        if (amount == 0) return;
        WETH9.withdraw(amount);
        (bool success,) = recipient.call{value: amount}(new bytes(0));
        require(success, "STE");
    }

    function multicall(uint256 deadline, bytes[] calldata data) external payable returns (bytes[] memory results) {
        require(block.timestamp <= deadline, "Transaction too old");
        results = new bytes[](data.length);
        for (uint256 i = 0; i < data.length; i++) {
            (bool success, bytes memory result) = address(this).delegatecall(data[i]);
            if (!success) assembly { revert(add(result, 32), mload(result)) }
            results[i] = result;
        }
    }

    function exactInputSingle(ExactInputSingleParams calldata params) external payable returns (uint256 amountOut) {
        bool zeroForOne = params.tokenIn < params.tokenOut;
        Pool pool = Pool(factory.getPool(params.tokenIn, params.tokenOut, params.fee));
        (int256 amount0, int256 amount1) = pool.swap(
            params.recipient == address(2) ? address(this) : params.recipient,
            zeroForOne,
            int256(params.amountIn),
            zeroForOne ? 4295128740 : 1461446703485210103287273052203988822378723970341,
            abi.encode(params.tokenIn, params.tokenOut, params.fee, msg.sender)
        );
        amountOut = uint256(-(zeroForOne ? amount1 : amount0));
        require(amountOut >= params.amountOutMinimum, "Too little received");
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        (address tokenIn, address tokenOut, uint24 fee, address payer) =
            abi.decode(data, (address, address, uint24, address));
        require(msg.sender == factory.getPool(tokenIn, tokenOut, fee));
        uint256 amount = uint256(amount0 > 0 ? amount0 : amount1);
        if (tokenIn == address(WETH9) && address(this).balance >= amount) {
            WETH9.deposit{value: amount}();
            WETH9.transfer(msg.sender, amount);
            return;
        }
        (bool success, bytes memory result) =
            tokenIn.call(abi.encodeCall(Token.transferFrom, (payer, msg.sender, amount)));
        require(success && (result.length == 0 || abi.decode(result, (bool))), "STF");
    }
}
