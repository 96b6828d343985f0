// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// An ERC-20 that behaves as its settings say: each of them is a behaviour of tokens that are traded on public chains.
contract OddToken {
    string public symbol;
    uint8 public immutable decimals;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    address private immutable collector;
    /// In 1/10,000 of each transfer.
    uint256 public feeBps;
    /// One event of the whole amount, as some tokens emit; else what the recipient gets, and the fee beside it.
    bool public grossEvents;
    /// `transfer`, `transferFrom` and `approve` return nothing.
    bool public silent;
    uint8 public approveMode;
    uint256[400] private junk;

    uint8 constant ZERO_FIRST = 1;
    uint8 constant RETURNS_FALSE = 2;
    uint8 constant HEAVY = 3;
    uint8 constant PAUSED = 4;
    uint8 constant IGNORED = 5;
    uint8 constant CAPPED = 6;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(string memory symbol_, uint8 decimals_, uint256 supply) {
        symbol = symbol_;
        decimals = decimals_;
        totalSupply = supply;
        collector = msg.sender;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function set(uint8 approveMode_, bool silent_, uint256 feeBps_, bool grossEvents_) external {
        approveMode = approveMode_;
        silent = silent_;
        feeBps = feeBps_;
        grossEvents = grossEvents_;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        if (approveMode == RETURNS_FALSE) return false;
        require(approveMode != PAUSED, "Pausable: paused");
        require(approveMode != ZERO_FIRST || amount == 0 || allowance[msg.sender][spender] == 0, "zero first");
        require(approveMode != CAPPED || amount <= type(uint96).max, "amount exceeds 96 bits");
        if (approveMode == HEAVY) for (uint256 i = 0; i < 8; i++) junk[i] = block.number + i + 1;
        if (approveMode != IGNORED) allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return answered();
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return answered();
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 left = allowance[from][msg.sender];
        require(left >= amount, "allowance");
        if (left != type(uint256).max) allowance[from][msg.sender] = left - amount;
        move(from, to, amount);
        return answered();
    }

    function move(address from, address to, uint256 amount) private {
        require(balanceOf[from] >= amount, "balance");
        uint256 fee = (amount * feeBps) / 10000;
        balanceOf[from] -= amount;
        balanceOf[to] += amount - fee;
        balanceOf[collector] += fee;
        emit Transfer(from, to, grossEvents ? amount : amount - fee);
        if (fee > 0 && !grossEvents) emit Transfer(from, collector, fee);
    }

    function answered() private view returns (bool) {
        if (silent) assembly { return(0, 0) }
        return true;
    }
}
