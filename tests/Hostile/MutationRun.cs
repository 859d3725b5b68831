using System.Globalization;

namespace TeeIo.Hostile;

/// <summary>Runs mutations against one boundary. 10,000 of them, or as many as TEEIO_MUTATIONS says, which CI sets to 100,000; TEEIO_MUTATION_SEED chooses the seed and TEEIO_MUTATION the only number to run.</summary>
internal static class MutationRun
{
    private const int Shown = 5;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>How many mutations a run makes.</summary>
    public static int Count { get; } = Read("TEEIO_MUTATIONS", 10_000);

    /// <summary>Runs <paramref name="judge"/> for each mutation.</summary>
    /// <param name="output">Where seed and count are printed.</param>
    /// <param name="boundary">The boundary, for the line that is printed.</param>
    /// <param name="judge">Sends a mutation to the real part. What it returns is what is wrong, or null; an exception is a crash.</param>
    /// <param name="share">The run takes this part of the number, for boundaries of which one mutation is dear.</param>
    public static void Run(ITestOutputHelper output, string boundary, Func<Mutation, string?> judge, int share = 1)
    {
        int seed = Read("TEEIO_MUTATION_SEED", 1);
        int count = Math.Max(1, Count / share);
        int only = Read("TEEIO_MUTATION", -1);
        (int first, int end) = only < 0 ? (0, count) : (only, only + 1);
        List<string> wrong = [];
        int failures = 0;
        int at = first;
        var work = new Thread(() =>
        {
            for (; at < end; at++)
            {
                if (Judge(judge, seed, at) is not { } found) continue;
                failures++;
                if (wrong.Count < Shown) wrong.Add($"seed {seed}, mutation {at}: {found}");
            }
        })
        { IsBackground = true };
        work.Start();
        for (int before = -1; !work.Join(s_patience); before = at)
        {
            // One that doesn't end keeps its thread; the test fails with its number.
            Assert.False(before == at, $"{boundary}: seed {seed}, mutation {at} hangs");
        }

        output.WriteLine($"{boundary}: {end - first} mutations, seed {seed}, {failures} wrong");
        Assert.True(failures == 0, $"{boundary}: {failures} of {end - first} are wrong; repeat one with TEEIO_MUTATION_SEED and TEEIO_MUTATION.\n{string.Join("\n", wrong)}");
    }

    private static string? Judge(Func<Mutation, string?> judge, int seed, int index)
    {
        try
        {
            return judge(new Mutation(seed, index));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e.ToString();
        }
    }

    private static int Read(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
