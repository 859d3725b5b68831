using System.CommandLine;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Cli.Spdm;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmTransport;

namespace TeeIo.Cli;

/// <summary><c>teeio spdm</c>: a responder that serves SPDM, IDE_KM and TDISP on a socket, and a requester that uses all that a responder has. The socket is that of DMTF's spdm-emu.</summary>
internal static class SpdmCommand
{
    public static Command Create() => new("spdm", "SPDM 1.1 to 1.4 with IDE_KM and TDISP over a socket, as DMTF's spdm-emu speaks it.") { CreateResponder(), CreateRequester() };

    private static Command CreateResponder()
    {
        SpdmCommandOptions options = new();
        var listen = new Option<string>("--listen") { Description = "Address and port to listen at; port 0 for a free one", DefaultValueFactory = _ => $"127.0.0.1:{SpdmTransportConstants.EmulatorPort}" };
        var chain = new Option<FileInfo?>("--cert-chain") { Description = "Certificates from the root to the leaf, PEM; with --key. Certificates for development are made if there are none" };
        var key = new Option<FileInfo?>("--key") { Description = "The leaf's private key, PEM" };
        var trusted = new Option<FileInfo[]>("--requester-root") { Description = "A root certificate of requesters that have to authenticate themselves; may be given again" };
        var roots = new Option<FileInfo?>("--write-root") { Description = "File for the root certificate, PEM, for whoever is to trust it" };
        var command = new Command("responder", "Serves a model device: its certificates and measurements, sessions, and in them IDE_KM and TDISP. Runs until a requester says SHUTDOWN.") { listen, chain, key, roots, trusted };
        options.AddTo(command);
        command.SetAction(parsed => Guard(() =>
        {
            SpdmSettings settings = options.Read(parsed);
            SpdmSlot slot = SpdmKeyFiles.ReadSlot(parsed.GetValue(chain), parsed.GetValue(key), settings.Algorithms.Signatures);
            if (parsed.GetValue(roots) is { } file && !ReportFile.TryWriteFile(file, stream => stream.Write(SpdmKeyFiles.ToPem(slot.Certificates[0])), out string? problem)) throw new SpdmUsageException(problem);
            using PacketCapture? capture = settings.OpenCapture();
            using SocketDevice device = new(slot, settings, SpdmKeyFiles.ReadRoots(parsed.GetValue(trusted) ?? []));
            new EmulatorServer(device.Responder, settings.Transport, capture).Run(SpdmSettings.ParseAddress(parsed.GetValue(listen)!), at => Console.WriteLine($"listening at {at} ({settings.TransportName})"));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command CreateRequester()
    {
        SpdmCommandOptions options = new();
        var connect = new Option<string>("--connect") { Description = "Address and port of the responder", DefaultValueFactory = _ => $"127.0.0.1:{SpdmTransportConstants.EmulatorPort}" };
        var root = new Option<FileInfo[]>("--root") { Description = "A root certificate to trust, PEM or DER; may be given again", Required = true };
        var slot = new Option<byte>("--slot") { Description = "Certificate slot" };
        var function = new Option<string?>("--function") { Description = "Requester id of a function to lock and start by TDISP, after its IDE keys are programmed; 0x100 is the responder's here, 0xbeef that of spdm-emu" };
        var chain = new Option<FileInfo?>("--cert-chain") { Description = "Certificates of this end, from the root to the leaf, PEM; with --key, for responders that want to know" };
        var key = new Option<FileInfo?>("--key") { Description = "The leaf's private key, PEM" };
        var keepOpen = new Option<bool>("--keep-responder") { Description = "Don't tell the responder to end" };
        var command = new Command("requester", "Does with a responder all that both can do: certificates, challenge, measurements, a session with IDE_KM and TDISP, heartbeat, new keys. Exit code 1 if a step fails.") { connect, root, slot, function, chain, key, keepOpen };
        options.AddTo(command);
        command.SetAction(parsed => Guard(() =>
        {
            SpdmSettings settings = options.Read(parsed);
            List<X509Certificate2> roots = SpdmKeyFiles.ReadRoots(parsed.GetValue(root)!);
            SpdmSlot? own = parsed.GetValue(chain) is null && parsed.GetValue(key) is null ? null : SpdmKeyFiles.ReadSlot(parsed.GetValue(chain), parsed.GetValue(key), settings.Algorithms.RequesterSignatures);
            uint? functionId = parsed.GetValue(function) is { } text ? SpdmSettings.ParseFunction(text) : null;
            using PacketCapture? capture = settings.OpenCapture();
            using EmulatorClient client = new(SpdmSettings.ParseAddress(parsed.GetValue(connect)!), settings.Transport, capture);
            if (settings.Transport == EmulatorTransport.PciDoe) client.Discover();
            var random = new CryptographicRandom();
            using SpdmRequester requester = new(new SpdmX509Verifier(roots, TimeProvider.System), random, settings.Requester(parsed.GetValue(slot), own));
            bool isGood = new FullExchange(requester, client.Carry, functionId, random, Console.Out).Run();
            client.Close(isShutdown: !parsed.GetValue(keepOpen));
            return isGood ? ExitCode.Ok : ExitCode.Violation;
        }));
        return command;
    }

    private static int Guard(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (e is SpdmUsageException or IOException or InvalidDataException or SocketException or UnauthorizedAccessException or CryptographicException)
        {
            Console.Error.WriteLine("teeio: " + e.Message);
            return ExitCode.Usage;
        }
    }
}
