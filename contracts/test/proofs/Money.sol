// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FeePolicy} from "../../src/FeePolicy.sol";
import {FlowToken} from "../../src/FlowToken.sol";
import {Ledger} from "../../src/Ledger.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {AuctionStrategy} from "../../src/strategies/AuctionStrategy.sol";
import {Test} from "../utils/Forge.sol";

/// @notice What holds for every amount and every moment, proven by halmos on the shipped code (`packaging/dev faults money`).
/// Each proof runs the real path: a tip of any amount through the token, then a distribution; a price at any two moments.
contract MoneyProofs is Test {
    address private constant TREASURY = address(0x7ea5);
    uint256 private constant FEE_BPS = 100;

    FlowToken private token;
    Ledger private ledger;
    AuctionStrategy private auction;
    uint256 private songs;

    function setUp() public {
        token = FlowToken(make("FlowToken", abi.encode(address(this))));
        FeePolicy policy = FeePolicy(make("FeePolicy", abi.encode(address(this), TREASURY, uint16(FEE_BPS))));
        ledger = Ledger(make("Ledger", abi.encode(token, policy, address(this))));
        auction = AuctionStrategy(make("AuctionStrategy", abi.encode(ledger)));
        token.approve(address(ledger), type(uint256).max);
    }

    // --- splits: what is paid is what came in, and each gets its share less than one wei away ---------------------------

    function check_split_independentArtist(uint96 amount) external {
        uint16[] memory bps = new uint16[](2);
        (bps[0], bps[1]) = (9_500, 500);
        split(bps, amount);
    }

    function check_split_collaborative(uint96 amount) external {
        uint16[] memory bps = new uint16[](4);
        (bps[0], bps[1], bps[2], bps[3]) = (5_000, 3_000, 1_500, 500);
        split(bps, amount);
    }

    function check_split_communityCollective(uint96 amount) external {
        uint16[] memory bps = new uint16[](4);
        (bps[0], bps[1], bps[2], bps[3]) = (8_000, 1_000, 500, 500);
        split(bps, amount);
    }

    // --- prices: within their ends at every moment, and never rising ----------------------------------------------------

    function check_price_weekLong(uint40 earlier, uint40 later) external {
        price(100 ether, 10 ether, 7 days, earlier, later);
    }

    function check_price_flash(uint40 earlier, uint40 later) external {
        price(50 ether, 5 ether, 24 hours, earlier, later);
    }

    function check_price_limitedEdition(uint40 earlier, uint40 later) external {
        price(500 ether, 100 ether, 3 days, earlier, later);
    }

    // --- inside ---------------------------------------------------------------------------------------------------------

    function split(uint16[] memory bps, uint256 amount) private {
        vm.assume(amount != 0);
        ILedger.Split memory shares = ILedger.Split(new address[](bps.length), bps);
        for (uint256 i; i < bps.length; ++i) {
            shares.to[i] = address(uint160(0x1000 + i));
        }
        uint64 payee = ledger.createPayee(shares, new string[](bps.length));
        bytes32 song = register(payee, 1);
        token.mint(address(this), amount);
        ledger.tip(song, amount);
        ILedger.Account memory held = ledger.account(payee);
        assert(uint256(held.balance) + held.fee == amount);
        assert(uint256(held.fee) * 10_000 <= amount * FEE_BPS && amount * FEE_BPS < (uint256(held.fee) + 1) * 10_000);
        ledger.distribute(payee, shares, false);
        uint256 sum;
        for (uint256 i; i < bps.length; ++i) {
            uint256 part = ledger.claimable(shares.to[i]);
            sum += part;
            uint256 exact = uint256(held.balance) * bps[i];
            assert(part * 10_000 < exact + 10_000 && exact < part * 10_000 + 10_000);
        }
        assert(sum == held.balance);
        assert(ledger.claimable(TREASURY) == held.fee);
        held = ledger.account(payee);
        assert(held.balance == 0 && held.fee == 0);
        assert(token.balanceOf(address(ledger)) == amount);
    }

    function price(uint96 start, uint96 end, uint32 duration, uint40 earlier, uint40 later) private {
        vm.assume(earlier <= later);
        bytes32 song = ownSong(8);
        uint256 id = auction.create(song, start, end, 0, duration, 100, 0, 0);
        uint256 first = auction.priceAt(id, earlier);
        uint256 second = auction.priceAt(id, later);
        assert(first <= start && second >= end);
        assert(second <= first);
        uint256 begins = auction.auction(id).startsAt;
        assert(later > begins || second == start);
        assert(earlier < begins + duration || first == end);
    }

    function ownSong(uint8 strategies) private returns (bytes32) {
        ILedger.Split memory shares = ILedger.Split(new address[](1), new uint16[](1));
        (shares.to[0], shares.bps[0]) = (address(0x1000), 10_000);
        return register(ledger.createPayee(shares, new string[](1)), strategies);
    }

    function register(uint64 payee, uint8 strategies) private returns (bytes32) {
        return ledger.register(bytes32(++songs), payee, 1, strategies);
    }
}
