namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>An object of an iommufd, under an id that is unique on its file.</summary>
internal abstract class IommufdObject
{
    public uint Id { get; set; }

    /// <summary>Objects that need this one; it can't be destroyed while there are any.</summary>
    public int Users { get; set; }

    /// <summary>Calls that run on it now; destroying it waits for them.</summary>
    public int Calls { get; set; }

    /// <summary>Takes the object's effects back. Called once, without users.</summary>
    public abstract void Destroy();
}
