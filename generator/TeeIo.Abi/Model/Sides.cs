namespace TeeIo.Abi.Model;

/// <summary>The actors on the two sides of a boundary, by their names in the flow (<c>vmm</c>, <c>iommufd</c>, <c>host-tsm</c> …).</summary>
public sealed record Sides(string Client, string Server);
