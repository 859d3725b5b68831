namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>Calls that are made on both kernels.</summary>
/// <param name="Name">What they are about.</param>
/// <param name="Run">Makes them.</param>
public sealed record Script(string Name, Action<Session> Run)
{
    /// <summary>Runs it.</summary>
    public Transcript On(Target target)
    {
        using Session session = new(target);
        try
        {
            Run(session);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            session.Note("thrown", e.ToString());
        }

        return new Transcript(Name, [.. session.Lines]);
    }
}
