namespace TeeIo.Package.Tests;

/// <summary>Packages are packed once for all tests.</summary>
[CollectionDefinition(nameof(PackageFeed))]
public sealed class PackageFeedCollection : ICollectionFixture<PackageFeed>;
