// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

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

    /// @notice A listener's prepaid money.
    /// @param balance Wei that vouchers and prepaid streams can be charged to.
    /// @param top Highest nonce of a voucher charged so far.
    /// @param window Bit i is set when nonce `top - i` was charged; older nonces count as charged.
    /// @param requested Wei asked back.
    /// @param requestedAt When they were asked for, Unix seconds; 0 when none are.
    struct Purse {
        uint96 balance;
        uint64 top;
        uint64 window;
        uint96 requested;
        uint48 requestedAt;
    }

    /// @notice A key that signs vouchers for a listener, or a strategy that may charge the listener's purse.
    /// @param expiry Last second it counts, Unix time.
    /// @param cap Wei it may spend in all; 2^96 - 1 is a standing permission, and what it spends is then not counted.
    /// @param spent Wei it has spent.
    struct Session {
        uint48 expiry;
        uint96 cap;
        uint96 spent;
    }

    /// @notice One signature of a listener over what it heard. The signed type is
    /// `Voucher(address listener,uint64 nonce,uint48 deadline,uint96 total,bytes32 playsHash,bytes items)`.
    /// @param listener Whose purse is charged.
    /// @param nonce Charged once; within 63 of the highest charged so far, or above it.
    /// @param deadline Last second it can be settled, Unix time.
    /// @param total Wei, gross: the sum of all items.
    /// @param playsHash keccak256 of the song-by-song list behind it: 48 bytes a song (id 32, count 4, wei 12), in ascending order of id.
    /// @param items 24 bytes each, payees strictly ascending: payee 8, count 4, wei 12.
    /// @param signature Of the listener (65 or 64 bytes, or ERC-1271), or of its session key (65 or 64 bytes); not part of what is signed.
    struct Voucher {
        address listener;
        uint64 nonce;
        uint48 deadline;
        uint96 total;
        bytes32 playsHash;
        bytes items;
        bytes signature;
    }

    /// @notice Why a voucher was left out: its deadline passed, its nonce was charged or is too old, the purse holds too little, the
    /// items are malformed (length, order, unknown payee, sum other than the total), nobody who may signed it, or its session key is
    /// expired or out of cap.
    enum Skip {
        None,
        Expired,
        Charged,
        Balance,
        Items,
        Signature,
        Session
    }

    /// @notice An account was made. `feeBps` never rises for it.
    event PayeeCreated(
        uint64 indexed payee, bytes32 indexed splitHash, uint16 feeBps, address[] to, uint16[] bps, string[] roles
    );
    /// @notice Payees made from now on get this rate, basis points.
    event NewFee(uint16 feeBps);
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
    /// @notice Wei were put into a listener's purse by `from`.
    event Deposited(address indexed listener, address indexed from, uint256 amount);
    /// @notice Wei can be withdrawn from `thawsAt` (Unix seconds) on; 0 takes the request back.
    event WithdrawRequested(address indexed listener, uint256 amount, uint48 thawsAt);
    event Withdrawn(address indexed listener, address indexed to, uint256 amount);
    /// @notice `key` may sign vouchers of `listener`, or charge its purse, until `expiry`, for `cap` wei in all; both 0 when it was revoked.
    event SessionSet(address indexed listener, address indexed key, uint48 expiry, uint96 cap);
    /// @notice A voucher was charged. `items` is the signed list, 24 bytes each: payee 8, count 4, wei 12, gross; the fee of each item
    /// is rounded down by itself.
    event VoucherSettled(address indexed listener, uint64 indexed nonce, uint256 total, bytes32 playsHash, bytes items);
    /// @notice A voucher was left out; `reason` is a `Skip`.
    event VoucherSkipped(address indexed listener, uint64 indexed nonce, uint8 reason);
    /// @notice A strategy paid a payee, gross.
    event Credited(address indexed strategy, uint64 indexed payee, uint256 amount);

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
    /// @notice No address, or more than one.
    error SplitRecipientZero(uint256 index);
    error SplitOther(bytes32 expected, bytes32 given);
    /// @notice A role is 65,536 bytes or longer, or the roles do not lie one behind another as every encoder lays them.
    error RolesMalformed();
    error AmountTooLarge(uint256 amount);
    error FeeNotLower(uint16 now_, uint16 current);
    error NothingToClaim(address recipient);
    error SignatureInvalid(address signer);
    error SignatureExpired(uint256 deadline);
    error InflowsPaused(uint48 until);
    /// @notice Fewer or more wei arrived than were taken.
    error TokenShort(uint256 expected, uint256 received);
    /// @notice A pause needs at least 1 wei of ether sent along, unless there is one already.
    error CoinMissing();
    /// @notice The guardian does not take ether.
    error CoinRefused(address guardian);
    error NotGuardian(address caller);
    error PauseTooLong(uint256 until, uint256 latest);
    error PauseTooSoon(uint256 allowedAt);
    error ZeroAddress();
    error PurseTooLow(uint256 balance, uint256 needed);
    error NothingRequested(address listener);
    error StillThawing(uint48 thawsAt);
    /// @notice The listener gave the caller no session, or it is over, or its cap does not reach for the amount.
    error NotAllowed(address listener, address caller, uint256 amount);
    error TooManyCharges(uint256 charges, uint256 most);

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

    function payPrepaid(bytes32 songId, uint32 count, uint256 maxCost) external;

    // purses
    function deposit(address listener, uint256 amount) external returns (uint256 received);
    function depositWithPermit(address listener, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 received);
    function requestWithdraw(uint96 amount) external;
    function withdraw(address to) external returns (uint256 amount);
    function setSession(address key, uint48 expiry, uint96 cap) external;
    function settle(Voucher[] calldata vouchers) external returns (uint256 settled);

    // the port
    function credit(uint64 payee, bytes calldata data) external returns (uint256 received);
    function creditSong(bytes32 songId, address payer, uint256 amount, uint8 strategy) external returns (uint64 payee);
    function chargePurse(bytes32 songId, address payer, uint256 amount, uint8 strategy) external;
    function chargePurses(bytes32 songId, uint256[] calldata charges, uint8 strategy) external returns (uint256 charged);

    // looking
    /// @notice The payment token, FLOW.
    function token() external view returns (IERC20);
    function purse(address listener) external view returns (Purse memory);
    function session(address listener, address key) external view returns (Session memory);
    /// @notice A song's payee, price in wei and strategies, in one read of storage; zeros for an unknown song.
    function terms(bytes32 songId) external view returns (uint64 payee, uint128 price, uint8 strategies);
    /// @notice Whether a song earns by a way; false for an unknown one.
    function isEarning(bytes32 songId, uint8 strategy) external view returns (bool);
    function song(bytes32 songId) external view returns (Song memory);
    function account(uint64 payee) external view returns (Account memory);
    function splitHash(uint64 payee) external view returns (bytes32);
    function claimable(address recipient) external view returns (uint256);
    function payees() external view returns (uint64);
    function songIdOf(address artist, bytes32 contentHash) external pure returns (bytes32);
    function hashSplit(Split calldata split) external pure returns (bytes32);
}
