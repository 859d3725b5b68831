using System.Diagnostics;
using System.Runtime.Versioning;
using TeeIo.Kernel.Guest;
using TeeIo.Kernel.Guest.Conformance;

[assembly: SupportedOSPlatform("linux")]

// The conformance suite; the sequences of calls in a file.
if (args is [ConformanceArguments.Suite])
{
    foreach (Script script in Suite.All) Console.WriteLine(script.On(new LinuxTarget()).ToLine());
    return 0;
}

if (args is [ConformanceArguments.Play, var from, var to])
{
    File.WriteAllLines(to, File.ReadLines(from).Select(line => Sequence.FromLine(line).On(new LinuxTarget()).ToLine()));
    return 0;
}

// Runs the cases whose names contain the argument; all of them without one.
foreach (KernelCase test in KernelCases.All)
{
    if (args.Length > 0 && !test.Name.Contains(args[0], StringComparison.OrdinalIgnoreCase)) continue;
    long start = Stopwatch.GetTimestamp();
    string? problem = null;
    try
    {
        test.Run();
    }
    catch (Exception e)
    {
        problem = e.ToString();
    }

    Console.WriteLine(new GuestLine(Case: new CaseResult(test.Name, problem, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds)).ToText());
}

foreach (CallOutcome outcome in Outcomes.Seen.All) Console.WriteLine(new GuestLine(Outcome: outcome).ToText());

return 0;
