// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LedgerBase} from "./LedgerBase.sol";
import {IPurseCharger} from "./interfaces/ICreditor.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Signatures} from "./lib/Signatures.sol";

/// @title Purses, session keys and vouchers
/// @notice A listener pays in once and signs what it hears; anyone settles many vouchers in one transaction. A voucher that cannot be
/// charged is left out with a reason and keeps its nonce; it never stops the others.
abstract contract LedgerPurses is LedgerBase {
    using SafeERC20 for IERC20;

    /// @notice Time between asking for money back and getting it, seconds: vouchers under way are settled meanwhile.
    uint48 public constant THAW = 1 days;
    /// @notice What a listener or its session key signs.
    bytes32 public constant VOUCHER_TYPEHASH =
        keccak256("Voucher(address listener,uint64 nonce,uint48 deadline,uint96 total,bytes32 playsHash,bytes items)");
    /// @notice Most purses of one `chargePurses`.
    uint256 public constant MAX_CHARGES = 256;
    uint256 private constant ITEM = 24;
    /// @dev `Skip.None`. Within a batch a reason is a number: the compiler checks an enum's range wherever it is looked at.
    uint256 private constant DONE = 0;

    /// @notice A withdrawal that was asked for.
    /// @param amount Wei.
    /// @param at_ Second from which on it can be made, Unix time.
    struct Request {
        uint96 amount;
        uint48 at_;
    }

    /// @dev One word: balance in bits 0 to 95, top nonce 96 to 159, window 160 to 223.
    mapping(address listener => uint256) private _purses;
    mapping(address listener => Request) private _requests;
    mapping(address listener => mapping(address key => Session)) private _sessions;

    // --- paying in and out --------------------------------------------------------------------------------------------

    /// @notice Put money into a purse.
    /// @param listener Whose purse; the caller pays.
    /// @param amount Wei to take from the caller.
    /// @return received Wei that arrived and were put into the purse.
    function deposit(address listener, uint256 amount) public nonReentrant returns (uint256 received) {
        _checkInflows();
        if (listener == address(0)) revert ZeroAddress();
        if (amount == 0) revert NothingToPay();
        uint256 before = _held();
        token.safeTransferFrom(msg.sender, address(this), amount);
        received = _held() - before;
        uint256 word = _purses[listener];
        if (received > MAX_96 - (word & MAX_96)) revert AmountTooLarge(received);
        _purses[listener] = word + received;
        emit Deposited(listener, msg.sender, received);
    }

    /// @notice Put money into a purse with a signed permit instead of an approval before.
    /// @param listener Whose purse; the caller pays.
    /// @param amount Wei to take from the caller, and of the permit.
    /// @param deadline Last second of the permit, Unix time.
    function depositWithPermit(address listener, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 received)
    {
        // Whoever submits the permit first does no harm: then the allowance is there already.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return deposit(listener, amount);
    }

    /// @notice Ask for money of the caller's purse; it can be withdrawn a day later. Vouchers are charged until then, and first.
    /// @param amount Wei; replaces an earlier request. 0 takes it back.
    function requestWithdraw(uint96 amount) external {
        if (amount == 0) {
            delete _requests[msg.sender];
            emit WithdrawRequested(msg.sender, 0, 0);
            return;
        }
        uint256 balance = _purses[msg.sender] & MAX_96;
        if (amount > balance) revert PurseTooLow(balance, amount);
        _requests[msg.sender] = Request(amount, uint48(block.timestamp));
        emit WithdrawRequested(msg.sender, amount, uint48(block.timestamp) + THAW);
    }

    /// @notice Withdraw what was asked for a day ago or earlier, or what is left of it. Never paused.
    /// @param to Where it is sent.
    /// @return amount Wei.
    function withdraw(address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert ZeroAddress();
        Request memory request = _requests[msg.sender];
        if (request.amount == 0) revert NothingRequested(msg.sender);
        if (block.timestamp < request.at_ + THAW) revert StillThawing(request.at_ + THAW);
        uint256 word = _purses[msg.sender];
        uint256 balance = word & MAX_96;
        amount = request.amount < balance ? request.amount : balance;
        if (amount == 0) revert PurseTooLow(0, request.amount);
        delete _requests[msg.sender];
        _purses[msg.sender] = word - amount;
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @notice Let a key sign vouchers for the caller, or a strategy charge the caller's purse. What it spent before is forgotten.
    /// @param key Address of the key or of the strategy.
    /// @param expiry Last second it counts, Unix time; 0 revokes it.
    /// @param cap Wei it may spend in all; 2^96 - 1 for a standing permission, whose spending is not counted.
    function setSession(address key, uint48 expiry, uint96 cap) external {
        if (key == address(0)) revert ZeroAddress();
        _sessions[msg.sender][key] = Session(expiry, cap, 0);
        emit SessionSet(msg.sender, key, expiry, cap);
    }

    /// @notice Pay streams of a song out of the caller's purse.
    /// @param songId Song.
    /// @param count Streams, at least 1.
    /// @param maxCost Most wei the listener is willing to pay in all.
    function payPrepaid(bytes32 songId, uint32 count, uint256 maxCost) external nonReentrant {
        uint256 cost = _stream(songId, count, maxCost);
        uint256 slot = _purseSlot(msg.sender);
        uint256 word = _load(slot);
        if (cost > word & MAX_96) revert PurseTooLow(word & MAX_96, cost);
        unchecked {
            _store(slot, word - cost);
        }
    }

    // --- strategies ---------------------------------------------------------------------------------------------------

    /// @notice Charge a purse for a song. The caller is a strategy, or a key, to which the listener gave a session: no allowance of
    /// the token is needed, and it never takes more than the session's cap. Never paused: the money is here already.
    /// @param songId Song that earns by the caller's way.
    /// @param payer Whose purse.
    /// @param amount Wei, gross.
    /// @param strategy Bit of the way of earning.
    function chargePurse(bytes32 songId, address payer, uint256 amount, uint8 strategy) external nonReentrant {
        uint64 payee = _earning(songId, strategy);
        uint256 slot = _purseSlot(payer);
        uint256 word = _load(slot);
        if (amount > word & MAX_96) revert PurseTooLow(word & MAX_96, amount);
        if (!_spend(_sessions[payer][msg.sender], amount)) revert NotAllowed(payer, msg.sender, amount);
        unchecked {
            _store(slot, word - amount);
        }
        _charged(payee, amount);
    }

    /// @notice Charge many purses for a song, each at a time, as `chargePurse` does; one that cannot be charged is left out. The Ledger
    /// calls `onCharged` on the caller with those left out, and credits the rest as one payment: the fee is rounded down once.
    /// @param songId Song that earns by the caller's way.
    /// @param charges At most 256, a word each: whose purse in the upper 160 bits, wei, gross, in the lower 96.
    /// @param strategy Bit of the way of earning.
    /// @return charged Wei, gross.
    function chargePurses(bytes32 songId, uint256[] calldata charges, uint8 strategy)
        external
        nonReentrant
        returns (uint256 charged)
    {
        uint64 payee = _earning(songId, strategy);
        uint256 n = charges.length;
        if (n > MAX_CHARGES) revert TooManyCharges(n, MAX_CHARGES);
        uint256 refused;
        unchecked {
            // At most 256 amounts below 2^96.
            for (uint256 i; i < n; ++i) {
                uint256 charge = charges[i];
                if (_debited(charge >> 96, charge & MAX_96)) charged += charge & MAX_96;
                else refused |= 1 << i;
            }
        }
        IPurseCharger(msg.sender).onCharged(songId, charges, refused);
        _charged(payee, charged);
    }

    // --- vouchers -----------------------------------------------------------------------------------------------------

    /// @notice Charge vouchers to their listeners' purses. Anyone may; never paused.
    /// @param vouchers In the order they are charged.
    /// @return settled How many were charged.
    function settle(Voucher[] calldata vouchers) external nonReentrant returns (uint256 settled) {
        bytes32 domain = _domainSeparatorV4();
        uint64 latest = payees;
        uint256 n = vouchers.length;
        // What one voucher needs in memory is given back, or a long batch would pay for memory more than for its work.
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        for (uint256 i; i < n; ++i) {
            Voucher calldata v = _voucher(vouchers, i);
            uint256 reason = _charge(v, domain, latest);
            if (reason == DONE) {
                unchecked {
                    // At most as many as there are.
                    ++settled;
                }
            } else {
                emit VoucherSkipped(v.listener, v.nonce, uint8(reason));
            }
            assembly ("memory-safe") {
                mstore(0x40, free)
            }
        }
    }

    /// @inheritdoc ILedger
    function purse(address listener) external view returns (Purse memory) {
        uint256 word = _purses[listener];
        Request memory request = _requests[listener];
        // forge-lint: disable-next-line(unsafe-typecast) the fields of the word
        return Purse(uint96(word), uint64(word >> 96), uint64(word >> 160), request.amount, request.at_);
    }

    /// @inheritdoc ILedger
    function session(address listener, address key) external view returns (Session memory) {
        return _sessions[listener][key];
    }

    function _charged(uint64 payee, uint256 amount) private {
        if (amount == 0) return;
        _credit(payee, amount, 0);
        emit Credited(msg.sender, payee, amount);
    }

    /// @dev Takes wei below 2^96 from a purse, if they are there and the caller may.
    function _debited(uint256 payer, uint256 amount) private returns (bool) {
        // forge-lint: disable-next-line(unsafe-typecast) 160 bits
        address whose = address(uint160(payer));
        uint256 slot = _purseSlot(whose);
        uint256 word = _load(slot);
        if (amount > word & MAX_96 || !_spend(_sessions[whose][msg.sender], amount)) return false;
        unchecked {
            _store(slot, word - amount);
        }
        return true;
    }

    /// @dev Counts wei below 2^97 that a key spends; false where there is no session, it is over, or its cap is reached.
    function _spend(Session storage key, uint256 amount) private returns (bool) {
        (uint256 expiry, uint256 cap, uint256 spent) = (key.expiry, key.cap, key.spent);
        if (block.timestamp > expiry) return false;
        if (cap == MAX_96) return true;
        unchecked {
            spent += amount;
        }
        if (spent > cap) return false;
        // forge-lint: disable-next-line(unsafe-typecast) at most the cap
        key.spent = uint96(spent);
        return true;
    }

    /// @dev Terms of a payment for streams: checks, credits, emits; the caller takes the money.
    function _stream(bytes32 songId, uint32 count, uint256 maxCost) internal returns (uint256 cost) {
        uint256 packed = _packedTerms(songId);
        // forge-lint: disable-next-line(unsafe-typecast) the fields of Terms
        uint64 payee = uint64(packed);
        uint256 price = (packed >> 64) & type(uint128).max;
        uint256 strategies = (packed >> 192) & type(uint8).max;
        if (payee == 0) revert UnknownSong(songId);
        if (strategies & STREAM == 0) revert StrategyOff(songId, STREAM);
        if (count == 0) revert NothingToPay();
        unchecked {
            // Below 2^128 * 2^32.
            cost = price * count;
        }
        if (cost > maxCost) revert CostsMore(cost, maxCost);
        _credit(payee, cost, count);
        emit StreamPaid(songId, msg.sender, count, cost);
    }

    /// @dev vouchers[i], whose place is checked against the end of the calldata and no more: what it holds is checked where it is used.
    function _voucher(Voucher[] calldata vouchers, uint256 i) private pure returns (Voucher calldata v) {
        assembly ("memory-safe") {
            let offset := calldataload(add(vouchers.offset, shl(5, i)))
            v := add(vouchers.offset, offset)
            if or(gt(offset, calldatasize()), gt(add(v, 0xe0), calldatasize())) { revert(0, 0) }
        }
    }

    /// @dev A dynamic field of a voucher, by the place of its head: it must lie within the calldata.
    function _field(Voucher calldata v, uint256 head) private pure returns (bytes calldata found) {
        assembly ("memory-safe") {
            let offset := calldataload(add(v, head))
            let start := add(v, offset)
            found.length := calldataload(start)
            found.offset := add(start, 0x20)
            // Neither is so large that their sum could come round.
            if or(shr(64, or(offset, found.length)), gt(add(found.offset, found.length), calldatasize())) {
                revert(0, 0)
            }
        }
    }

    /// @dev Everything is checked before anything is written, so that a bad voucher leaves no trace.
    function _charge(Voucher calldata v, bytes32 domain, uint64 latest) private returns (uint256 reason) {
        if (block.timestamp > v.deadline) return uint256(Skip.Expired);
        address listener = v.listener;
        uint256 slot = _purseSlot(listener);
        uint256 word = _load(slot);
        uint256 total = v.total;
        bool enough = total <= word & MAX_96;
        bool fresh;
        (word, fresh) = _marked(word, v.nonce);
        if (!fresh) return uint256(Skip.Charged);
        if (!enough) return uint256(Skip.Balance);
        reason = _pay(v, listener, total, domain, latest);
        unchecked {
            if (reason == DONE) _store(slot, word - total);
        }
        return reason;
    }

    /// @dev Credits the items of a voucher that is sound and signed.
    function _pay(Voucher calldata v, address listener, uint256 total, bytes32 domain, uint64 latest)
        private
        returns (uint256 reason)
    {
        bytes calldata items = _field(v, 0xa0);
        uint256 list = _credited(items, total, latest);
        if (list == 0) return uint256(Skip.Items);
        reason = _checkSigner(v, listener, total, _digest(v, items, domain));
        if (reason != DONE) return reason;
        _write(list, items.length / ITEM);
        _emitSettled(v, items);
    }

    /// @dev A purse's word with a nonce marked as charged, and whether it was not before.
    function _marked(uint256 word, uint64 nonce) private pure returns (uint256, bool) {
        unchecked {
            uint256 top = (word >> 96) & type(uint64).max;
            uint256 window = (word >> 160) & type(uint64).max;
            if (nonce > top) {
                uint256 ahead = nonce - top;
                window = ahead > 63 ? 1 : (window << ahead) & type(uint64).max | 1;
                top = nonce;
            } else {
                uint256 behind = top - nonce;
                if (behind > 63 || (window >> behind) & 1 != 0) return (word, false);
                window |= 1 << behind;
            }
            return ((word & MAX_96) | top << 96 | window << 160, true);
        }
    }

    /// @dev Where in memory stand, for each item, the slot of its account and the word it will hold; 0 when the items are malformed.
    /// Payees ascend strictly, so no word is stale.
    function _credited(bytes calldata items, uint256 total, uint64 latest) private view returns (uint256 list) {
        unchecked {
            uint256 n = items.length / ITEM;
            if (n == 0 || n * ITEM != items.length) return 0;
            assembly ("memory-safe") {
                list := mload(0x40)
                mstore(0x40, add(list, shl(6, n)))
            }
            uint256 last;
            for (uint256 i; i < n; ++i) {
                (uint64 payee, uint256 count, uint256 amount) = _item(items, i);
                if (payee <= last || payee > latest) return 0;
                if (count == 0) return 0;
                last = payee;
                // Fewer than 2^64 items of at most 96 bits: no sum of them comes round to the total by wrapping.
                total -= amount;
                uint256 slot = _accountSlot(payee);
                (uint256 word, bool fits) = _added(_load(slot), amount, count);
                if (!fits) return 0;
                assembly ("memory-safe") {
                    let entry := add(list, shl(6, i))
                    mstore(entry, slot)
                    mstore(add(entry, 0x20), word)
                }
            }
            if (total != 0) return 0;
        }
    }

    function _write(uint256 list, uint256 n) private {
        for (uint256 i; i < n; ++i) {
            assembly ("memory-safe") {
                let entry := add(list, shl(6, i))
                sstore(mload(entry), mload(add(entry, 0x20)))
            }
        }
    }

    function _purseSlot(address listener) private pure returns (uint256 slot) {
        assembly ("memory-safe") {
            mstore(0, listener)
            mstore(0x20, _purses.slot)
            slot := keccak256(0, 0x40)
        }
    }

    function _item(bytes calldata items, uint256 i) private pure returns (uint64 payee, uint256 count, uint256 amount) {
        uint256 packed;
        assembly ("memory-safe") {
            packed := shr(64, calldataload(add(items.offset, mul(i, 24))))
        }
        // forge-lint: disable-next-line(unsafe-typecast) 64 bits are left
        payee = uint64(packed >> 128);
        count = (packed >> 96) & type(uint32).max;
        amount = packed & MAX_96;
    }

    /// @dev keccak256(0x1901, domain, hashStruct(v)), laid out by hand: abi.encode would copy everything twice.
    function _digest(Voucher calldata v, bytes calldata items, bytes32 domain) private pure returns (bytes32 digest) {
        bytes32 typehash = VOUCHER_TYPEHASH;
        assembly ("memory-safe") {
            let p := mload(0x40)
            calldatacopy(add(p, 0xe0), items.offset, items.length)
            let hash := keccak256(add(p, 0xe0), items.length)
            mstore(p, typehash)
            // listener, nonce, deadline, total, playsHash: as in the calldata, where each is checked by its first use
            calldatacopy(add(p, 0x20), v, 0xa0)
            mstore(add(p, 0xc0), hash)
            let inner := keccak256(p, 0xe0)
            mstore(p, 0x1901)
            mstore(add(p, 0x20), domain)
            mstore(add(p, 0x40), inner)
            digest := keccak256(add(p, 0x1e), 0x42)
        }
    }

    /// @dev emit VoucherSettled(listener, nonce, total, playsHash, items), without the detours of abi.encode.
    function _emitSettled(Voucher calldata v, bytes calldata items) private {
        bytes32 topic = VoucherSettled.selector;
        assembly ("memory-safe") {
            let p := mload(0x40)
            // total and playsHash stand side by side
            calldatacopy(p, add(v, 0x60), 0x40)
            mstore(add(p, 0x40), 0x60)
            mstore(add(p, 0x60), items.length)
            let padded := and(add(items.length, 0x1f), not(0x1f))
            mstore(add(p, add(0x60, padded)), 0)
            calldatacopy(add(p, 0x80), items.offset, items.length)
            log3(p, add(0x80, padded), topic, calldataload(v), calldataload(add(v, 0x20)))
        }
    }

    /// @dev Whether the listener or a session key of it signed; counts what a session key spends.
    function _checkSigner(Voucher calldata v, address listener, uint256 total, bytes32 digest)
        private
        returns (uint256 reason)
    {
        bytes calldata signature = _field(v, 0xc0);
        address signer = Signatures.recover(digest, signature);
        if (signer != address(0)) {
            if (signer == listener) return DONE;
            Session storage key = _sessions[listener][signer];
            if (key.expiry != 0) return _spend(key, total) ? DONE : uint256(Skip.Session);
        }
        return Signatures.isValidContract(listener, digest, signature) ? DONE : uint256(Skip.Signature);
    }
}
