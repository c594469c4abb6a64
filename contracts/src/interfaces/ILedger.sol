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
    /// @notice A song was registered by its artist at `price` wei a stream, gross; `strategies` is a bitmask of ways to earn.
    event SongRegistered(
        bytes32 indexed songId,
        address indexed artist,
        uint64 indexed payee,
        bytes32 contentHash,
        uint128 price,
        uint8 strategies
    );
    /// @notice Where a song earns to, at `price` wei a stream, gross, and in which ways (bitmask), after a change of any of them.
    event SongUpdated(bytes32 indexed songId, uint64 indexed payee, uint128 price, uint8 strategies);
    /// @notice The artist `from` offers a song to `to`, who may accept; address 0 takes the offer back.
    event SongTransferOffered(bytes32 indexed songId, address indexed from, address indexed to);
    /// @notice A song has another artist, who accepted it.
    event SongTransferred(bytes32 indexed songId, address indexed from, address indexed to);
    /// @notice A song pays this payee for ever.
    event SplitLocked(bytes32 indexed songId, uint64 indexed payee);
    /// @notice `count` streams of a song were paid with `amount` wei, gross.
    event StreamPaid(bytes32 indexed songId, address indexed listener, uint256 count, uint256 amount);
    /// @notice A listener gave `amount` wei, gross, to a song's payee.
    event Tipped(bytes32 indexed songId, address indexed listener, uint256 amount);
    /// @notice A payee's money went out: `net` divided by its split, `fee` to the treasury. `pushed` when transfers were tried at
    /// once; otherwise, and for each `TransferDeferred` in the same transaction, it waits to be claimed.
    event Distributed(uint64 indexed payee, uint256 net, uint256 fee, bool pushed);
    /// @notice A transfer that was tried failed; the amount waits to be claimed.
    event TransferDeferred(address indexed recipient, uint256 amount);
    /// @notice `amount` wei that waited for `recipient` went to `to`.
    event Claimed(address indexed recipient, address indexed to, uint256 amount);
    /// @notice No money comes in until this second, Unix time; 0 ends a pause.
    event PausedUntil(uint48 until);
    /// @notice Wei were put into a listener's purse by `from`.
    event Deposited(address indexed listener, address indexed from, uint256 amount);
    /// @notice Wei can be withdrawn from `thawsAt` (Unix seconds) on; 0 takes the request back.
    event WithdrawRequested(address indexed listener, uint256 amount, uint48 thawsAt);
    /// @notice `amount` wei of a listener's purse went to `to`.
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

    /// @notice The caller is not the artist of the song.
    error NotArtist(bytes32 songId, address caller);
    /// @notice No song is registered by this id.
    error UnknownSong(bytes32 songId);
    /// @notice No account has this number.
    error UnknownPayee(uint64 payee);
    /// @notice The song is registered already.
    error SongExists(bytes32 songId);
    /// @notice The song's payee was locked for ever.
    error SongLocked(bytes32 songId);
    /// @notice The song was not offered to the caller.
    error NotOfferedTo(bytes32 songId, address caller);
    /// @notice Pay per stream needs a price above 0 wei.
    error PriceMissing();
    /// @notice The bitmask names a way to earn that does not exist.
    error UnknownStrategies(uint8 strategies);
    /// @notice The song does not earn in this way.
    error StrategyOff(bytes32 songId, uint8 strategy);
    /// @notice The count or the amount is 0.
    error NothingToPay();
    /// @notice The cost in wei, gross, is above what the payer named.
    error CostsMore(uint256 cost, uint256 maxCost);
    /// @notice The shares add up to `sum` basis points, not 10,000.
    error SplitSum(uint256 sum);
    /// @notice A split has 1 to 100 recipients, and a share and a role for each.
    error SplitLength(uint256 recipients, uint256 shares, uint256 roles);
    /// @notice The recipient at `index` would get nothing.
    error SplitShareZero(uint256 index);
    /// @notice No address, or more than one.
    error SplitRecipientZero(uint256 index);
    /// @notice The split given is not the one whose hash the payee keeps.
    error SplitOther(bytes32 expected, bytes32 given);
    /// @notice A role is 65,536 bytes or longer, or the roles do not lie one behind another as every encoder lays them.
    error RolesMalformed();
    /// @notice The wei do not fit the field that holds them.
    error AmountTooLarge(uint256 amount);
    /// @notice Today's rate is not below the payee's own, both in basis points.
    error FeeNotLower(uint16 now_, uint16 current);
    /// @notice No wei wait for this recipient.
    error NothingToClaim(address recipient);
    /// @notice The signature is not one of `signer`.
    error SignatureInvalid(address signer);
    /// @notice The signature was good until `deadline`, Unix seconds.
    error SignatureExpired(uint256 deadline);
    /// @notice No money comes in until this second, Unix time.
    error InflowsPaused(uint48 until);
    /// @notice Fewer or more wei arrived than were taken.
    error TokenShort(uint256 expected, uint256 received);
    /// @notice A pause needs at least 1 wei of ether sent along, unless there is one already.
    error CoinMissing();
    /// @notice The guardian does not take ether.
    error CoinRefused(address guardian);
    /// @notice Only the guardian pauses inflows.
    error NotGuardian(address caller);
    /// @notice A pause ends at `latest` at the latest, Unix seconds: 7 days from now.
    error PauseTooLong(uint256 until, uint256 latest);
    /// @notice The next pause may begin at this second, Unix time.
    error PauseTooSoon(uint256 allowedAt);
    /// @notice The address is 0.
    error ZeroAddress();
    /// @notice The purse holds fewer wei than are needed.
    error PurseTooLow(uint256 balance, uint256 needed);
    /// @notice The listener asked for no withdrawal.
    error NothingRequested(address listener);
    /// @notice The withdrawal can be made from this second on, Unix time.
    error StillThawing(uint48 thawsAt);
    /// @notice The listener gave the caller no session, or it is over, or its cap does not reach for the amount.
    error NotAllowed(address listener, address caller, uint256 amount);
    /// @notice A round charges at most `most` purses.
    error TooManyCharges(uint256 charges, uint256 most);

    // who gets paid
    /// @notice Make an account that is divided by a split of 10,000 basis points; its fee rate never rises.
    function createPayee(Split calldata split, string[] calldata roles) external returns (uint64 payee);
    /// @notice Bring a payee's fee rate down to today's, if that is lower.
    function lowerFee(uint64 payee) external;
    /// @notice Divide what a payee holds, net of its fee, among its split; with `push`, transfers are tried at once.
    function distribute(uint64 payee, Split calldata split, bool push) external;
    /// @notice Send what waits for the caller to `to`; wei.
    function claim(address to) external returns (uint256 amount);

    // songs
    /// @notice Register a song of the caller at `price` wei a stream, gross.
    function register(bytes32 contentHash, uint64 payee, uint128 price, uint8 strategies)
        external
        returns (bytes32 songId);
    /// @notice Register a song for an artist who signed for it until `deadline`, Unix seconds.
    function registerFor(
        address artist,
        bytes32 contentHash,
        uint64 payee,
        uint128 price,
        uint8 strategies,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 songId);
    /// @notice Give a song another price, wei a stream, gross.
    function setPrice(bytes32 songId, uint128 price) external;
    /// @notice Let a song earn for another payee from now on.
    function setPayee(bytes32 songId, uint64 payee) external;
    /// @notice Choose in which ways a song earns, a bitmask.
    function setStrategies(bytes32 songId, uint8 strategies) external;
    /// @notice Fix a song's payee for ever.
    function lockSplit(bytes32 songId) external;
    /// @notice Offer a song to another artist, who has to accept.
    function offerSong(bytes32 songId, address to) external;
    /// @notice Take a song that was offered to the caller.
    function acceptSong(bytes32 songId) external;

    // listening
    /// @notice Pay `count` streams of a song from the caller's wallet, for at most `maxCost` wei, gross.
    function payStream(bytes32 songId, uint32 count, uint256 maxCost) external;
    /// @notice Give `amount` wei, gross, to a song's payee.
    function tip(bytes32 songId, uint256 amount) external;

    /// @notice Pay `count` streams of a song from the caller's purse, for at most `maxCost` wei, gross.
    function payPrepaid(bytes32 songId, uint32 count, uint256 maxCost) external;

    // purses
    /// @notice Put `amount` wei into a listener's purse; returns those that arrived.
    function deposit(address listener, uint256 amount) external returns (uint256 received);
    /// @notice Put wei into a listener's purse by an EIP-2612 permission of the caller.
    function depositWithPermit(address listener, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 received);
    /// @notice Ask for `amount` wei of the caller's purse; they thaw in a day. 0 takes the request back.
    function requestWithdraw(uint96 amount) external;
    /// @notice Send what has thawed to `to`; wei.
    function withdraw(address to) external returns (uint256 amount);
    /// @notice Let `key` sign vouchers of the caller, or charge its purse, until `expiry` (Unix seconds) for `cap` wei in all.
    function setSession(address key, uint48 expiry, uint96 cap) external;
    /// @notice Charge vouchers to their listeners' purses; a bad one is left out. Returns how many were charged.
    function settle(Voucher[] calldata vouchers) external returns (uint256 settled);

    // the port
    /// @notice The open port: the caller is asked for money, and what arrives is credited to a payee, wei, gross.
    function credit(uint64 payee, bytes calldata data) external returns (uint256 received);
    /// @notice Take `amount` wei, gross, from `payer` for a song that earns by the caller's way.
    function creditSong(bytes32 songId, address payer, uint256 amount, uint8 strategy) external returns (uint64 payee);
    /// @notice Charge `amount` wei, gross, to a purse whose listener gave the caller a session.
    function chargePurse(bytes32 songId, address payer, uint256 amount, uint8 strategy) external;
    /// @notice Charge many purses for a song, each by a session; returns the wei, gross, that were charged.
    function chargePurses(bytes32 songId, uint256[] calldata charges, uint8 strategy) external returns (uint256 charged);

    // looking
    /// @notice The payment token, FLOW.
    function token() external view returns (IERC20);
    /// @notice What a listener has in its purse, wei, and which nonces were charged.
    function purse(address listener) external view returns (Purse memory);
    /// @notice What a key may do for a listener.
    function session(address listener, address key) external view returns (Session memory);
    /// @notice A song's payee, price in wei and strategies, in one read of storage; zeros for an unknown song.
    function terms(bytes32 songId) external view returns (uint64 payee, uint128 price, uint8 strategies);
    /// @notice Whether a song earns by a way; false for an unknown one.
    function isEarning(bytes32 songId, uint8 strategy) external view returns (bool);
    /// @notice What is known of a song; zeros for an unknown one.
    function song(bytes32 songId) external view returns (Song memory);
    /// @notice What a payee holds, wei, and its fee rate, basis points.
    function account(uint64 payee) external view returns (Account memory);
    /// @notice The hash of a payee's split; 0 for an unknown one.
    function splitHash(uint64 payee) external view returns (bytes32);
    /// @notice Wei that wait for a recipient.
    function claimable(address recipient) external view returns (uint256);
    /// @notice Number of the newest account.
    function payees() external view returns (uint64);
    /// @notice The id of an artist's song: keccak256 of address and sha2-256 of the audio.
    function songIdOf(address artist, bytes32 contentHash) external pure returns (bytes32);
    /// @notice The hash by which a split is kept.
    function hashSplit(Split calldata split) external pure returns (bytes32);
}
