// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CreditToken} from "../../src/CreditToken.sol";
import {AuctionStrategy} from "../../src/strategies/AuctionStrategy.sol";
import {GiftEconomyStrategy} from "../../src/strategies/GiftEconomyStrategy.sol";
import {PatronageStrategy} from "../../src/strategies/PatronageStrategy.sol";
import {Fixture} from "./Fixture.sol";

/// @notice The strategies, a song that earns by all of them, and a listener who allowed each.
abstract contract Strategies is Fixture {
    AuctionStrategy internal auction;
    PatronageStrategy internal patronage;
    GiftEconomyStrategy internal gift;
    CreditToken internal credits;
    uint16[4] internal basic = [uint16(0), 500, 1_000, 2_000];
    uint256 internal constant ATTESTOR_KEY = 0xa77e57;

    function setUp() public virtual override {
        super.setUp();
        credits = CreditToken(make("CreditToken", abi.encode(owner)));
        auction = AuctionStrategy(make("AuctionStrategy", abi.encode(ledger)));
        patronage = PatronageStrategy(make("PatronageStrategy", abi.encode(ledger)));
        gift = GiftEconomyStrategy(make("GiftEconomyStrategy", abi.encode(ledger, credits)));
        vm.prank(artist);
        ledger.setStrategies(song, 15);
        allow(listener, 0);
    }

    /// @dev Money, and unlimited allowances for everything that charges.
    function allow(address who, uint256 amount) internal {
        give(who, amount);
        vm.startPrank(who);
        token.approve(address(auction), type(uint256).max);
        token.approve(address(patronage), type(uint256).max);
        vm.stopPrank();
    }

    /// @dev Money in a purse, and standing permissions there for everything that charges.
    function stock(address who, uint256 amount) internal {
        fill(who, amount);
        vm.startPrank(who);
        ledger.setSession(address(auction), type(uint48).max, type(uint96).max);
        ledger.setSession(address(patronage), type(uint48).max, type(uint96).max);
        vm.stopPrank();
    }

    /// @dev A week from 100 to 10 FLOW.
    function weekly(uint32 supply, uint32 perWallet) internal returns (uint256 id) {
        vm.prank(artist);
        return auction.create(song, 100 ether, 10 ether, 0, 7 days, supply, perWallet, 500);
    }

    function planOf(uint96 price, uint8 minimum, bool early) internal returns (uint256 id) {
        vm.prank(artist);
        return patronage.createPlan(song, price, minimum, basic, early);
    }

    function terms() internal pure returns (GiftEconomyStrategy.Gift memory) {
        return GiftEconomyStrategy.Gift(1 ether, 10 ether, 100, 2, 20 ether, vm.addr(ATTESTOR_KEY));
    }

    /// @dev The song gives thanks out of a budget.
    function thankful(uint256 budget) internal {
        vm.prank(artist);
        gift.configure(song, terms());
        endow(budget);
    }

    function endow(uint256 budget) internal {
        vm.prank(owner);
        credits.mint(artist, budget);
        vm.startPrank(artist);
        credits.approve(address(gift), budget);
        gift.fund(song, budget);
        vm.stopPrank();
    }

    function attest(uint256 key, address who, uint64 cumulative, uint48 deadline) internal view returns (bytes memory) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Mycelix Gift"),
                keccak256("1"),
                block.chainid,
                address(gift)
            )
        );
        bytes32 inner = keccak256(abi.encode(gift.LISTENS_TYPEHASH(), song, who, cumulative, deadline));
        return signature(key, keccak256(abi.encodePacked(hex"1901", separator, inner)));
    }

    function claim(address who, uint64 cumulative) internal returns (uint256) {
        uint48 deadline = uint48(clock + 1 hours);
        return gift.claimListens(song, who, cumulative, deadline, attest(ATTESTOR_KEY, who, cumulative, deadline));
    }
}
