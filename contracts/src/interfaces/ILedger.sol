// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The Ledger's face: songs, who gets paid, pay per stream and tips
/// @notice Amounts are wei of FLOW; bps are basis points (10,000 = all). A song id is keccak256(abi.encode(artist, contentHash)).
interface ILedger {
    /// @notice Who gets paid, in the order money is divided. Only its hash is stored.
    struct Split {
        address[] to;
        uint16[] bps;
    }

    /// @notice A song as it stands.
    /// @param artist Who may change it.
    /// @param payee Account that is credited.
    /// @param price Gross price of a stream, wei.
    /// @param strategies Bitmask: 1 pay per stream, 2 gift, 4 patronage, 8 auction. Tips are always on.
    /// @param locked The payee can never change again.
    struct Song {
        address artist;
        uint64 payee;
        uint128 price;
        uint8 strategies;
        bool locked;
    }

    /// @notice Money of a payee that was not paid out yet.
    /// @param balance Net wei for the recipients.
    /// @param fee Wei for the treasury.
    /// @param streams Streams ever paid.
    /// @param feeBps Fee of every payment, fixed at creation; may only fall.
    struct Account {
        uint96 balance;
        uint96 fee;
        uint48 streams;
        uint16 feeBps;
    }

    /// @notice An account was made. `feeBps` never rises for it.
    event PayeeCreated(
        uint64 indexed payee, bytes32 indexed splitHash, uint16 feeBps, address[] to, uint16[] bps, string[] roles
    );
    /// @notice The fee of a payee fell.
    event PayeeFeeLowered(uint64 indexed payee, uint16 feeBps);
    event SongRegistered(
        bytes32 indexed songId,
        address indexed artist,
        uint64 indexed payee,
        bytes32 contentHash,
        uint128 price,
        uint8 strategies
    );
    event SongUpdated(bytes32 indexed songId, uint64 indexed payee, uint128 price, uint8 strategies);
    event SongTransferOffered(bytes32 indexed songId, address indexed from, address indexed to);
    event SongTransferred(bytes32 indexed songId, address indexed from, address indexed to);
    event SplitLocked(bytes32 indexed songId, uint64 indexed payee);
    event StreamPaid(bytes32 indexed songId, address indexed listener, uint256 count, uint256 amount);
    event Tipped(bytes32 indexed songId, address indexed listener, uint256 amount);
    /// @notice A payee's money went out: `net` divided by its split, `fee` to the treasury. `pushed` when transfers were tried at
    /// once; otherwise, and for each `TransferDeferred` in the same transaction, it waits to be claimed.
    event Distributed(uint64 indexed payee, uint256 net, uint256 fee, bool pushed);
    /// @notice A transfer that was tried failed; the amount waits to be claimed.
    event TransferDeferred(address indexed recipient, uint256 amount);
    event Claimed(address indexed recipient, address indexed to, uint256 amount);
    event PausedUntil(uint48 until);

    error NotArtist(bytes32 songId, address caller);
    error UnknownSong(bytes32 songId);
    error UnknownPayee(uint64 payee);
    error SongExists(bytes32 songId);
    error SongLocked(bytes32 songId);
    error NotOfferedTo(bytes32 songId, address caller);
    error PriceMissing();
    error UnknownStrategies(uint8 strategies);
    error StrategyOff(bytes32 songId, uint8 strategy);
    error NothingToPay();
    error CostsMore(uint256 cost, uint256 maxCost);
    error SplitSum(uint256 sum);
    error SplitLength(uint256 recipients, uint256 shares, uint256 roles);
    error SplitShareZero(uint256 index);
    error SplitRecipientZero(uint256 index);
    error SplitOther(bytes32 expected, bytes32 given);
    error AmountTooLarge(uint256 amount);
    error FeeNotLower(uint16 now_, uint16 current);
    error NothingToClaim(address recipient);
    error SignatureInvalid(address signer);
    error SignatureExpired(uint256 deadline);
    error InflowsPaused(uint48 until);
    error NotGuardian(address caller);
    error PauseTooLong(uint256 until, uint256 latest);
    error PauseTooSoon(uint256 allowedAt);
    error ZeroAddress();

    // who gets paid
    function createPayee(Split calldata split, string[] calldata roles) external returns (uint64 payee);
    function lowerFee(uint64 payee) external;
    function distribute(uint64 payee, Split calldata split, bool push) external;
    function claim(address to) external returns (uint256 amount);

    // songs
    function register(bytes32 contentHash, uint64 payee, uint128 price, uint8 strategies)
        external
        returns (bytes32 songId);
    function registerFor(
        address artist,
        bytes32 contentHash,
        uint64 payee,
        uint128 price,
        uint8 strategies,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 songId);
    function setPrice(bytes32 songId, uint128 price) external;
    function setPayee(bytes32 songId, uint64 payee) external;
    function setStrategies(bytes32 songId, uint8 strategies) external;
    function lockSplit(bytes32 songId) external;
    function offerSong(bytes32 songId, address to) external;
    function acceptSong(bytes32 songId) external;

    // listening
    function payStream(bytes32 songId, uint32 count, uint256 maxCost) external;
    function tip(bytes32 songId, uint256 amount) external;

    // looking
    function song(bytes32 songId) external view returns (Song memory);
    function account(uint64 payee) external view returns (Account memory);
    function splitHash(uint64 payee) external view returns (bytes32);
    function claimable(address recipient) external view returns (uint256);
    function payees() external view returns (uint64);
    function songIdOf(address artist, bytes32 contentHash) external pure returns (bytes32);
    function hashSplit(Split calldata split) external pure returns (bytes32);
}
