namespace TeeIo.Kernel.Tests;

/// <summary>One boot for all that look at its results.</summary>
[CollectionDefinition(nameof(GuestRun))]
public sealed class GuestRunCollection : ICollectionFixture<GuestRun>;
