// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FeePolicy} from "../../src/FeePolicy.sol";
import {FlowToken} from "../../src/FlowToken.sol";
import {Ledger} from "../../src/Ledger.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {AuctionStrategy} from "../../src/strategies/AuctionStrategy.sol";
import {Test} from "../utils/Forge.sol";

/// @notice What holds at every moment, proven by halmos on the shipped code (`packaging/dev faults money`).
contract MoneyProofs is Test {
    FlowToken private token;
    Ledger private ledger;
    AuctionStrategy private auction;
    uint256 private songs;

    function setUp() public {
        token = FlowToken(make("FlowToken", abi.encode(address(this))));
        FeePolicy policy = FeePolicy(make("FeePolicy", abi.encode(address(this), address(0x7ea5), uint16(100))));
        ledger = Ledger(make("Ledger", abi.encode(token, policy, address(this))));
        auction = AuctionStrategy(make("AuctionStrategy", abi.encode(ledger)));
    }

    // --- splits: all that is there goes out, and each gets its share less than one wei away -----------------------------

    function check_split_independentArtist(uint96 net, uint96 fee) external {
        uint16[] memory bps = new uint16[](2);
        (bps[0], bps[1]) = (9_500, 500);
        split(bps, net, fee);
    }

    function check_split_collaborative(uint96 net, uint96 fee) external {
        uint16[] memory bps = new uint16[](4);
        (bps[0], bps[1], bps[2], bps[3]) = (5_000, 3_000, 1_500, 500);
        split(bps, net, fee);
    }

    function check_split_communityCollective(uint96 net, uint96 fee) external {
        uint16[] memory bps = new uint16[](4);
        (bps[0], bps[1], bps[2], bps[3]) = (8_000, 1_000, 500, 500);
        split(bps, net, fee);
    }

    // --- fees: what comes in is the artist's and the platform's, the fee rounded down ---------------------------------------

    function check_fee(uint96 gross) external {
        vm.assume(gross != 0);
        bytes32 song = ownSong(1);
        token.mint(address(this), gross);
        token.approve(address(ledger), gross);
        ledger.tip(song, gross);
        ILedger.Account memory held = ledger.account(1);
        unchecked {
            assert(uint256(held.balance) + held.fee == gross);
            assert(uint256(gross) * 100 - uint256(held.fee) * 10_000 < 10_000);
        }
        assert(token.balanceOf(address(ledger)) == gross);
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

    function split(uint16[] memory bps, uint256 net, uint256 fee) private {
        vm.assume(net != 0);
        ILedger.Split memory shares = ILedger.Split(new address[](bps.length), bps);
        for (uint256 i; i < bps.length; ++i) {
            shares.to[i] = address(uint160(0x1000 + i));
        }
        uint64 payee = ledger.createPayee(shares, new string[](bps.length));
        // What came in, put where the Ledger keeps it (`_accounts`, slot 5): were it elsewhere, there would be nothing to pay.
        bytes32 account = keccak256(abi.encode(payee, uint256(5)));
        vm.store(address(ledger), account, bytes32(net | fee << 96 | uint256(100) << 240));
        ledger.distribute(payee, shares, false);
        unchecked {
            uint256 sum;
            uint256 cumulative;
            for (uint256 i; i < bps.length; ++i) {
                sum += ledger.claimable(shares.to[i]);
                cumulative += bps[i];
                // The first i together have their share of all rounded down: 0 <= net * cumulative / 10,000 - sum < 1.
                assert(net * cumulative - sum * 10_000 < 10_000);
            }
            assert(sum == net);
        }
        assert(ledger.claimable(address(0x7ea5)) == fee);
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
