// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {StrategyBase} from "./StrategyBase.sol";

/// @title Dutch auctions of passes
/// @notice The price falls in a straight line from start to end and stays there. A pass (ERC-1155, the auction's number is the token's)
/// is the right to hear the song: permanent, transferable, whatever the artist does later. Terms never change; supply only shrinks.
contract AuctionStrategy is StrategyBase, ERC1155, IERC2981 {
    /// @notice Bit of this strategy in a song's strategies.
    uint8 public constant STRATEGY = 8;

    /// @notice An auction.
    /// @param songId Song whose passes are sold.
    /// @param startPrice Wei, gross, at the start.
    /// @param endPrice Wei, gross, from the end of the duration on.
    /// @param startsAt Begin of the fall, Unix seconds.
    /// @param duration Seconds of the fall.
    /// @param supply Passes there are.
    /// @param sold Passes sold.
    /// @param perWallet Passes one wallet may get; 0 is no limit.
    /// @param royaltyBps Share of a resale asked for by ERC-2981, basis points; voluntary.
    struct Auction {
        bytes32 songId;
        uint96 startPrice;
        uint96 endPrice;
        uint40 startsAt;
        uint32 duration;
        uint32 supply;
        uint32 sold;
        uint32 perWallet;
        uint16 royaltyBps;
        bool closed;
    }

    mapping(uint256 id => Auction) private _auctions;
    /// @notice The auction of a song, 0 when there is none.
    mapping(bytes32 songId => uint256) public auctionOf;
    /// @notice Passes a wallet got in an auction with a limit.
    mapping(uint256 id => mapping(address wallet => uint256)) public boughtBy;
    /// @notice Number of the newest auction.
    uint256 public auctions;

    event AuctionCreated(
        uint256 indexed auction,
        bytes32 indexed songId,
        uint96 startPrice,
        uint96 endPrice,
        uint40 startsAt,
        uint32 duration,
        uint32 supply,
        uint32 perWallet,
        uint16 royaltyBps
    );
    /// @notice A pass was bought for `buyer` at `price` wei, gross; `serial` counts from 1.
    event PassBought(uint256 indexed auction, address indexed buyer, uint256 price, uint256 serial);
    /// @notice No more passes are sold; there are `sold` for ever.
    event AuctionClosed(uint256 indexed auction, uint256 sold);

    /// @notice The end price is above 0 and not above the start price.
    error PricesWrong(uint256 startPrice, uint256 endPrice);
    /// @notice A duration and a supply are needed; a wallet cannot get more than there are; royalties are at most all.
    error TermsWrong(uint256 duration, uint256 supply, uint256 perWallet, uint256 royaltyBps);
    /// @notice It cannot start in the past.
    error StartsInPast(uint40 startsAt);
    /// @notice The song has an auction; passes were sold or can be bought.
    error AuctionExists(bytes32 songId, uint256 auction);
    error UnknownAuction(uint256 auction);
    error NotStarted(uint40 startsAt);
    error SoldOut(uint256 auction);
    error Closed(uint256 auction);
    error WalletLimit(address wallet, uint256 limit);

    constructor(ILedger ledger_) StrategyBase(ledger_) ERC1155("") {}

    /// @notice Offer passes of the caller's song. One auction a song; another only after it was closed without a sale.
    /// @param songId Song of the caller that earns by auction.
    /// @param startPrice Wei, gross.
    /// @param endPrice Wei, gross; above 0.
    /// @param startsAt Unix seconds; 0 for now.
    /// @param duration Seconds of the fall.
    /// @param supply Passes.
    /// @param perWallet Passes a wallet may get; 0 for no limit.
    /// @param royaltyBps Basis points of a resale.
    /// @return id Number of the auction and of its passes.
    function create(
        bytes32 songId,
        uint96 startPrice,
        uint96 endPrice,
        uint40 startsAt,
        uint32 duration,
        uint32 supply,
        uint32 perWallet,
        uint16 royaltyBps
    ) external returns (uint256 id) {
        _onlyArtist(songId);
        _openFor(songId, STRATEGY);
        if (endPrice == 0 || endPrice > startPrice) revert PricesWrong(startPrice, endPrice);
        if (duration == 0 || supply == 0 || perWallet > supply || royaltyBps > 10_000) {
            revert TermsWrong(duration, supply, perWallet, royaltyBps);
        }
        uint256 former = auctionOf[songId];
        if (former != 0 && !(_auctions[former].closed && _auctions[former].sold == 0)) {
            revert AuctionExists(songId, former);
        }
        if (startsAt == 0) startsAt = uint40(block.timestamp);
        if (startsAt < block.timestamp) revert StartsInPast(startsAt);
        id = ++auctions;
        auctionOf[songId] = id;
        _auctions[id] =
            Auction(songId, startPrice, endPrice, startsAt, duration, supply, 0, perWallet, royaltyBps, false);
        emit AuctionCreated(id, songId, startPrice, endPrice, startsAt, duration, supply, perWallet, royaltyBps);
    }

    /// @notice Buy a pass at the price of this moment; exactly that is taken from the caller.
    /// @param id Auction.
    /// @param to Who gets the pass.
    /// @param maxPrice Most wei the caller is willing to pay.
    /// @return price Wei paid.
    function buy(uint256 id, address to, uint256 maxPrice) external returns (uint256 price) {
        Auction storage a = _auctions[id];
        bytes32 songId = a.songId;
        if (songId == 0) revert UnknownAuction(id);
        if (a.closed) revert Closed(id);
        if (block.timestamp < a.startsAt) revert NotStarted(a.startsAt);
        uint256 serial = uint256(a.sold) + 1;
        if (serial > a.supply) revert SoldOut(id);
        price = _price(a, block.timestamp);
        if (price > maxPrice) revert CostsMore(price, maxPrice);
        uint256 limit = a.perWallet;
        if (limit != 0 && ++boughtBy[id][to] > limit) revert WalletLimit(to, limit);
        // forge-lint: disable-next-line(unsafe-typecast) at most the supply
        a.sold = uint32(serial);
        emit PassBought(id, to, price, serial);
        _charge(_openFor(songId, STRATEGY), msg.sender, price);
        _mint(to, id, 1, "");
    }

    /// @notice Sell no more passes of the caller's song. What was sold stays.
    function close(uint256 id) external {
        Auction storage a = _auctions[id];
        if (a.songId == 0) revert UnknownAuction(id);
        _onlyArtist(a.songId);
        if (a.closed) revert Closed(id);
        a.closed = true;
        a.supply = a.sold;
        emit AuctionClosed(id, a.sold);
    }

    /// @notice The terms and the state of an auction.
    function auction(uint256 id) external view returns (Auction memory) {
        return _auctions[id];
    }

    /// @notice Price in wei at a moment: start - floor((start - end) * elapsed / duration), the end price afterwards.
    /// @param id Auction.
    /// @param time Unix seconds.
    function priceAt(uint256 id, uint256 time) public view returns (uint256) {
        Auction storage a = _auctions[id];
        if (a.songId == 0) revert UnknownAuction(id);
        return _price(a, time);
    }

    /// @notice Whether the listener holds a pass, sold at any time.
    function hasAccess(bytes32 songId, address listener) external view returns (bool) {
        uint256 id = auctionOf[songId];
        return id != 0 && balanceOf(listener, id) != 0;
    }

    /// @notice Price of a pass now, wei, gross.
    function quote(bytes32 songId, address) external view returns (uint256) {
        return priceAt(auctionOf[songId], block.timestamp);
    }

    /// @inheritdoc IERC2981
    function royaltyInfo(uint256 id, uint256 salePrice) external view returns (address receiver, uint256 amount) {
        Auction storage a = _auctions[id];
        return (ledger.song(a.songId).artist, salePrice * a.royaltyBps / 10_000);
    }

    function supportsInterface(bytes4 id) public view override(ERC1155, IERC165) returns (bool) {
        return _isStrategy(id) || id == type(IERC2981).interfaceId || super.supportsInterface(id);
    }

    function _price(Auction storage a, uint256 time) private view returns (uint256) {
        uint256 start = a.startPrice;
        uint256 end = a.endPrice;
        uint256 begins = a.startsAt;
        uint256 duration = a.duration;
        if (time <= begins) return start;
        if (time - begins >= duration) return end;
        return start - (start - end) * (time - begins) / duration;
    }
}
