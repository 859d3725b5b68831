using System.CommandLine;
using TeeIo.Benchmarks;

Option<FileInfo?> peer = new("--peer") { Description = "Tmds.DBus.Generator.dll, from its package's analyzers/dotnet/cs; without it only ours is measured" };
Option<int> rounds = new("--rounds") { Description = "rounds of each measure", DefaultValueFactory = _ => 240 };
Option<string?> firstRun = new("--first-run") { Description = "do one first run of 'ours' or 'peer' and print its milliseconds", Hidden = true };
Command spdm = new("spdm", "How fast SPDM is, beside the cryptography that it contains.") { rounds };
spdm.SetAction(parsed => new SpdmBench(Console.Out, parsed.GetValue(rounds)).Write());
RootCommand command = new("How fast the generator is: first run, edits, growth, and beside it a peer in the same run.") { peer, rounds, firstRun, spdm };
command.SetAction(parsed =>
{
    FileInfo? library = parsed.GetValue(peer);
    if (library is { Exists: false })
    {
        Console.Error.WriteLine($"{library.FullName} isn't there. Take Tmds.DBus.Generator.dll from its package, analyzers/dotnet/cs.");
        return 2;
    }

    Subject? other = library is null ? null : Subject.Peer(library);
    if (parsed.GetValue(firstRun) is { } which)
    {
        Console.WriteLine(FirstRun.Here(which == "peer" ? other! : Subject.TeeIo, Report.Files));
        return 0;
    }

    new Report(Console.Out, library, other, parsed.GetValue(rounds)).Write();
    return 0;
});
return command.Parse(args).Invoke();
