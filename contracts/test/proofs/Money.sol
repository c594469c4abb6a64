// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FeePolicy} from "../../src/FeePolicy.sol";
import {FlowToken} from "../../src/FlowToken.sol";
import {Ledger} from "../../src/Ledger.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {AuctionStrategy} from "../../src/strategies/AuctionStrategy.sol";
import {Test} from "../utils/Forge.sol";

/// @notice What holds at every moment, proven by halmos on the shipped code (`packaging/dev faults money`): prices of the presets.
contract MoneyProofs is Test {
    Ledger private ledger;
    AuctionStrategy private auction;
    uint256 private songs;

    function setUp() public {
        FlowToken token = FlowToken(make("FlowToken", abi.encode(address(this))));
        FeePolicy policy = FeePolicy(make("FeePolicy", abi.encode(address(this), address(0x7ea5), uint16(100))));
        ledger = Ledger(make("Ledger", abi.encode(token, policy, address(this))));
        auction = AuctionStrategy(make("AuctionStrategy", abi.encode(ledger)));
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
