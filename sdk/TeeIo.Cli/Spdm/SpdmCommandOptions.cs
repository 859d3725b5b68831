using System.CommandLine;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmTransport;

namespace TeeIo.Cli.Spdm;

/// <summary>The options that requester and responder share.</summary>
internal sealed class SpdmCommandOptions
{
    private readonly Option<string> _transport = new("--transport") { Description = "pci-doe, mctp or tcp", DefaultValueFactory = _ => "pci-doe" };
    private readonly Option<string[]> _versions = new("--version") { Description = "A version of SPDM to speak, 1.1 to 1.4; may be given again. All four if not given", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string> _algorithms = new("--algorithms") { Description = "tdisp (P-384, P-256, SHA-384, SHA-256, AES-256-GCM) or all", DefaultValueFactory = _ => "tdisp" };
    private readonly Option<int> _transferSize = new("--transfer-size") { Description = "Bytes of the largest message that is taken in one piece", DefaultValueFactory = _ => 4096 };
    private readonly Option<int> _messageSize = new("--message-size") { Description = "Bytes of the largest message at all; more than --transfer-size to send and take messages in pieces" };
    private readonly Option<string?> _preSharedKey = new("--psk") { Description = "A key that both ends have: hint and key in hex digits, with a colon between" };
    private readonly Option<bool> _trace = new("--trace") { Description = "A line for each message" };
    private readonly Option<FileInfo?> _capture = new("--pcap") { Description = "File for the packets" };

    public void AddTo(Command command)
    {
        command.Options.Add(_transport);
        command.Options.Add(_versions);
        command.Options.Add(_algorithms);
        command.Options.Add(_transferSize);
        command.Options.Add(_messageSize);
        command.Options.Add(_preSharedKey);
        command.Options.Add(_trace);
        command.Options.Add(_capture);
    }

    /// <exception cref="SpdmUsageException">An option has a value that it can't have.</exception>
    public SpdmSettings Read(ParseResult parsed)
    {
        int transferSize = parsed.GetValue(_transferSize);
        if (transferSize < SpdmConstants.MinDataTransferSize) throw new SpdmUsageException($"--transfer-size is {SpdmConstants.MinDataTransferSize} at least, not {transferSize}");
        (EmulatorTransport transport, SpdmBinding binding) = parsed.GetValue(_transport) switch
        {
            "pci-doe" => (EmulatorTransport.PciDoe, SpdmBinding.PciDoe),
            "mctp" => (EmulatorTransport.Mctp, SpdmBinding.Mctp),
            "tcp" => (EmulatorTransport.Tcp, SpdmBinding.Tcp),
            { } other => throw new SpdmUsageException($"there is no transport {other}; say pci-doe, mctp or tcp"),
            null => throw new SpdmUsageException("say which transport: pci-doe, mctp or tcp"),
        };
        return new SpdmSettings
        {
            Transport = transport,
            TransportName = parsed.GetValue(_transport)!,
            Binding = binding,
            Versions = parsed.GetValue(_versions) is { Length: > 0 } versions
                ? [.. versions.Select(ParseVersion)]
                : [SpdmConstants.Version11, SpdmConstants.Version12, SpdmConstants.Version13, SpdmConstants.Version14],
            Algorithms = parsed.GetValue(_algorithms) switch
            {
                "tdisp" => SpdmAlgorithmSet.Tdisp,
                "all" => SpdmAlgorithmSet.All,
                { } other => throw new SpdmUsageException($"there are no algorithms {other}; say tdisp or all"),
                null => SpdmAlgorithmSet.Tdisp,
            },
            TransferSize = transferSize,
            MessageSize = parsed.GetValue(_messageSize),
            PreSharedKey = parsed.GetValue(_preSharedKey) is { } key ? ParseKey(key) : null,
            Tap = parsed.GetValue(_trace) ? new SpdmTrace(Console.Out) : null,
            Capture = parsed.GetValue(_capture),
        };
    }

    private static SpdmPreSharedKey ParseKey(string text)
    {
        try
        {
            string[] parts = text.Split(':');
            if (parts.Length == 2 && parts[1].Length > 0) return new SpdmPreSharedKey(Convert.FromHexString(parts[0]), Convert.FromHexString(parts[1]));
        }
        catch (FormatException)
        {
            // said below
        }

        throw new SpdmUsageException("--psk is a hint and a key in hex digits with a colon between, such as 0102:a1b2c3d4");
    }

    private static byte ParseVersion(string text) => text switch
    {
        "1.1" => SpdmConstants.Version11,
        "1.2" => SpdmConstants.Version12,
        "1.3" => SpdmConstants.Version13,
        "1.4" => SpdmConstants.Version14,
        _ => throw new SpdmUsageException($"version {text} of SPDM isn't spoken here; say 1.1, 1.2, 1.3 or 1.4"),
    };
}
