// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IStrategy} from "../../src/interfaces/IStrategy.sol";
import {AuctionStrategy} from "../../src/strategies/AuctionStrategy.sol";
import {StrategyBase} from "../../src/strategies/StrategyBase.sol";
import {Strategies} from "../utils/Strategies.sol";

/// @notice Dutch auctions of passes.
contract AuctionsTest is Strategies {
    function test_create_keepsTheTerms() public {
        vm.expectEmit(address(auction));
        emit AuctionStrategy.AuctionCreated(1, song, 100 ether, 10 ether, uint40(clock), 7 days, 100, 2, 500);
        uint256 id = weekly(100, 2);
        AuctionStrategy.Auction memory a = auction.auction(id);
        assertEq(a.songId, song);
        assertEq(a.supply, 100);
        assertEq(a.sold, 0);
        assertEq(auction.auctionOf(song), id);
    }

    function test_create_isTheArtistsAlone() public {
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.NotArtist.selector, song, other));
        vm.prank(other);
        auction.create(song, 2 gwei, 1 gwei, 0, 1, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.UnknownSong.selector, bytes32(0)));
        auction.create(bytes32(0), 2 gwei, 1 gwei, 0, 1, 1, 0, 0);
    }

    function test_create_needsTheWaySwitchedOn() public {
        vm.startPrank(artist);
        ledger.setStrategies(song, 1);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.StrategyOff.selector, song, 8));
        auction.create(song, 2 gwei, 1 gwei, 0, 1, 1, 0, 0);
    }

    function test_create_refusesTermsThatMakeNoSense() public {
        vm.startPrank(artist);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.PricesWrong.selector, 1 gwei, 2 gwei));
        auction.create(song, 1 gwei, 2 gwei, 0, 1, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.PricesWrong.selector, 1 gwei, 0));
        auction.create(song, 1 gwei, 0, 0, 1, 1, 0, 0);
        uint96 most = uint96(type(uint56).max) * 1 gwei;
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.PricesWrong.selector, most + 1 gwei, 1 gwei));
        auction.create(song, most + 1 gwei, 1 gwei, 0, 1, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.PricesWrong.selector, 2 gwei, 1.5 gwei));
        auction.create(song, 2 gwei, 1.5 gwei, 0, 1, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.TermsWrong.selector, 2 ** 28, 1, 0, 0));
        auction.create(song, 2 gwei, 1 gwei, 0, 2 ** 28, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.TermsWrong.selector, 1, 2 ** 24, 0, 0));
        auction.create(song, 2 gwei, 1 gwei, 0, 1, 2 ** 24, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.StartsInPast.selector, 2 ** 34));
        auction.create(song, 2 gwei, 1 gwei, 2 ** 34, 1, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.TermsWrong.selector, 0, 1, 0, 0));
        auction.create(song, 2 gwei, 1 gwei, 0, 0, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.TermsWrong.selector, 1, 0, 0, 0));
        auction.create(song, 2 gwei, 1 gwei, 0, 1, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.TermsWrong.selector, 1, 1, 2, 0));
        auction.create(song, 2 gwei, 1 gwei, 0, 1, 1, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.TermsWrong.selector, 1, 1, 0, 10_001));
        auction.create(song, 2 gwei, 1 gwei, 0, 1, 1, 0, 10_001);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.StartsInPast.selector, clock - 1));
        auction.create(song, 2 gwei, 1 gwei, uint40(clock - 1), 1, 1, 0, 0);
    }

    function test_price_fallsInAStraightLineAndStays() public {
        uint256 id = weekly(100, 0);
        assertEq(auction.priceAt(id, clock - 5), 100 ether);
        assertEq(auction.priceAt(id, clock), 100 ether);
        assertEq(auction.priceAt(id, clock + 3.5 days), 55 ether);
        assertEq(auction.priceAt(id, clock + 7 days), 10 ether);
        assertEq(auction.priceAt(id, clock + 70 days), 10 ether);
        assertEq(auction.quote(song, other), 100 ether);
    }

    function test_buy_takesExactlyThePriceAndPaysTheFee() public {
        uint256 id = weekly(100, 0);
        skip(3.5 days);
        vm.expectEmit(address(auction));
        emit AuctionStrategy.PassBought(id, other, 55 ether, 1);
        vm.prank(listener);
        assertEq(auction.buy(song, other, 60 ether), 55 ether);
        assertEq(token.balanceOf(listener), 945 ether);
        assertEq(ledger.account(payee).balance, 54.45 ether);
        assertEq(ledger.account(payee).fee, 0.55 ether);
        assertEq(auction.balanceOf(other, id), 1);
        assertEq(token.balanceOf(address(auction)), 0);
    }

    function test_buy_aLimitProtectsTheBuyer() public {
        uint256 id = weekly(100, 0);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.CostsMore.selector, 100 ether, 99 ether));
        vm.prank(listener);
        auction.buy(song, listener, 99 ether);
    }

    function test_buy_beforeTheStartIsRefused() public {
        vm.prank(artist);
        uint256 id = auction.create(song, 2 gwei, 1 gwei, uint40(clock + 10), 1, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.NotStarted.selector, clock + 10));
        vm.prank(listener);
        auction.buy(song, listener, 2 gwei);
        skip(10);
        vm.prank(listener);
        auction.buy(song, listener, 2 gwei);
    }

    function test_buy_endsWithTheSupply() public {
        uint256 id = weekly(1, 0);
        vm.startPrank(listener);
        auction.buy(song, listener, 100 ether);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.SoldOut.selector, id));
        auction.buy(song, listener, 100 ether);
    }

    function test_buy_aWalletGetsOnlySoMany() public {
        uint256 id = weekly(10, 1);
        vm.startPrank(listener);
        auction.buy(song, listener, 100 ether);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.WalletLimit.selector, listener, 1));
        auction.buy(song, listener, 100 ether);
        auction.buy(song, other, 100 ether);
    }

    function test_buy_ofAnUnknownOneIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.NoAuction.selector, bytes32("none")));
        auction.buy(bytes32("none"), listener, 1);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.UnknownAuction.selector, 9));
        auction.priceAt(9, 1);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.UnknownAuction.selector, 9));
        auction.close(9);
    }

    function test_buy_isRefusedWhileTheWayIsOff() public {
        uint256 id = weekly(10, 0);
        vm.prank(artist);
        ledger.setStrategies(song, 1);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.StrategyOff.selector, song, 8));
        vm.prank(listener);
        auction.buy(song, listener, 100 ether);
    }

    function test_close_endsTheSaleForEver() public {
        uint256 id = weekly(10, 0);
        vm.prank(listener);
        auction.buy(song, listener, 100 ether);
        vm.expectEmit(address(auction));
        emit AuctionStrategy.AuctionClosed(id, 1);
        vm.prank(artist);
        auction.close(id);
        assertEq(auction.auction(id).supply, 1);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.Closed.selector, id));
        vm.prank(listener);
        auction.buy(song, listener, 100 ether);
        vm.expectRevert(abi.encodeWithSelector(AuctionStrategy.Closed.selector, id));
        vm.prank(artist);
        auction.close(id);
    }

    function test_close_isTheArtistsAlone() public {
        uint256 id = weekly(10, 0);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.NotArtist.selector, song, other));
        vm.prank(other);
        auction.close(id);
    }

    /// An auction could be created anew after sales, so supply inflated.
    function test_regression_noSecondAuctionAfterASale() public {
        uint256 id = weekly(2, 0);
        bytes memory no = abi.encodeWithSelector(AuctionStrategy.AuctionExists.selector, song, id);
        vm.expectRevert(no);
        vm.prank(artist);
        auction.create(song, 2 gwei, 1 gwei, 0, 1, 1, 0, 0);
        vm.prank(listener);
        auction.buy(song, listener, 100 ether);
        vm.startPrank(artist);
        auction.close(id);
        vm.expectRevert(no);
        auction.create(song, 2 gwei, 1 gwei, 0, 1, 1, 0, 0);
    }

    function test_create_anewIsPossibleWhenNothingWasSold() public {
        uint256 id = weekly(2, 0);
        vm.startPrank(artist);
        auction.close(id);
        assertEq(auction.create(song, 2 gwei, 1 gwei, 0, 1, 1, 0, 0), id + 1);
        assertEq(auction.auctionOf(song), id + 1);
    }

    /// Anyone overwrote an auction's terms; refunds were unreachable; revenue was computed from the start price.
    function test_regression_termsAreFixedAndNothingIsLeftToRefund() public {
        uint256 id = weekly(10, 0);
        skip(6 days);
        uint256 before = token.balanceOf(listener);
        vm.prank(listener);
        uint256 price = auction.buy(song, listener, 100 ether);
        assertLt(price, 100 ether);
        assertEq(before - token.balanceOf(listener), price);
        assertEq(inAccounts(), price);
        assertEq(token.balanceOf(address(auction)), 0);
    }

    function test_access_isThePassWhoeverHoldsIt() public {
        uint256 id = weekly(10, 0);
        assertFalse(auction.hasAccess(song, listener));
        vm.prank(listener);
        auction.buy(song, listener, 100 ether);
        assertTrue(auction.hasAccess(song, listener));
        vm.prank(artist);
        ledger.setStrategies(song, 1);
        assertTrue(auction.hasAccess(song, listener));
        vm.prank(listener);
        auction.safeTransferFrom(listener, other, id, 1, "");
        assertFalse(auction.hasAccess(song, listener));
        assertTrue(auction.hasAccess(song, other));
        assertFalse(auction.hasAccess(bytes32("none"), other));
    }

    function test_royalty_goesToTheArtistOfTheMoment() public {
        uint256 id = weekly(10, 0);
        (address to, uint256 amount) = auction.royaltyInfo(id, 1 ether);
        assertEq(to, artist);
        assertEq(amount, 0.05 ether);
    }

    function test_interfaces_areAnnounced() public view {
        assertTrue(auction.supportsInterface(type(IERC1155).interfaceId));
        assertTrue(auction.supportsInterface(type(IERC2981).interfaceId));
        assertTrue(auction.supportsInterface(type(IStrategy).interfaceId));
        assertFalse(auction.supportsInterface(0xffffffff));
    }

    function test_takeFrom_onlyTheLedgerCalls() public {
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.NotLedger.selector, other));
        vm.prank(other);
        auction.takeFrom(listener, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.NotLedger.selector, other));
        vm.prank(other);
        patronage.takeFrom(listener, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.NotLedger.selector, other));
        vm.prank(other);
        patronage.onCredit(abi.encode(song, true, listener));
    }

    function testFuzz_price_neverRisesAndStaysWithinItsEnds(
        uint96 start,
        uint96 end,
        uint32 duration,
        uint40 a,
        uint40 b
    ) public {
        start = uint96(bound(start, 1, type(uint56).max));
        end = uint96(bound(end, 1, start)) * 1 gwei;
        start *= 1 gwei;
        duration = uint32(bound(duration, 1, 2 ** 28 - 1));
        vm.prank(artist);
        uint256 id = auction.create(song, start, end, 0, duration, 1, 0, 0);
        (uint256 first, uint256 second) = a < b ? (a, b) : (b, a);
        uint256 early = auction.priceAt(id, first);
        uint256 late = auction.priceAt(id, second);
        assertGe(early, late);
        assertLe(early, start);
        assertGe(late, end);
    }

    /// Revenue was computed from the start price.
    function test_regression_whatIsEarnedIsWhatWasPaid() public {
        uint256 id = weekly(100, 0);
        skip(3 days + 12 hours);
        vm.prank(listener);
        uint256 price = auction.buy(song, listener, 100 ether);
        assertEq(price, 55 ether);
        assertEq(auction.priceAt(id, clock), 55 ether);
        assertEq(inAccounts(), 55 ether);
    }

    function test_auction_ofAnUnknownNumberIsEmpty() public view {
        assertEq(auction.auction(0).songId, bytes32(0));
        assertEq(auction.auction(99).songId, bytes32(0));
    }
}
