using System.Runtime.CompilerServices;
using Xunit.v3;

namespace TeeIo.Package.Tests;

/// <summary>A fact that takes long: it is there where everything is asked for (<c>TEEIO_PACKAGES=all</c>, as in CI).</summary>
[XunitTestCaseDiscoverer(typeof(WholeFactDiscoverer))]
internal sealed class WholeFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : FactAttribute(file, line);
