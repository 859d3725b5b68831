namespace TeeIo.Guest;

/// <summary>A guest's driver of one kind of device, as far as the flow needs it: that the device is there, and that it works.</summary>
public interface IGuestDeviceDriver
{
    /// <summary>Finds the device, sizes its BARs and switches it on.</summary>
    /// <param name="device">The device; its BARs are noted there.</param>
    /// <returns>False where the function isn't a device of this driver's.</returns>
    bool Probe(GuestDevice device);

    /// <summary>Whether the device's registers answer.</summary>
    /// <param name="device">The device.</param>
    /// <param name="isPrivate">Whether they are reached privately.</param>
    bool Answers(GuestDevice device, bool isPrivate);

    /// <summary>Has the device fill a page of memory by DMA and checks every byte.</summary>
    /// <param name="device">The device.</param>
    /// <param name="seed">Seed of the pattern.</param>
    /// <param name="isPrivate">Whether registers and memory are used privately.</param>
    bool FillAndCheck(GuestDevice device, byte seed, bool isPrivate);
}
