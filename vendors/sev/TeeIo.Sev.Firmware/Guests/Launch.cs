using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Guests;

/// <summary>Fills a guest's first pages: encrypted in place under its key, measured, and accepted on its behalf.</summary>
internal sealed class Launch(PhysicalMemory memory, FirmwarePages pages, ReverseMap rmp, GuestTable guests)
{
    /// <summary>Version of the secrets page.</summary>
    private const uint SecretsVersion = 3;

    public SevRet Update(in SnpLaunchUpdate argument)
    {
        if (!guests.TryGet(argument.GctxPaddr.Value, out GuestContext? guest)) return SevRet.InvalidGuest;
        if (guest.State != GuestState.Launching) return SevRet.InvalidGuestState;
        if (guest.Asid == 0) return SevRet.Inactive;
        if (argument.PageType is < SnpPageType.Normal or > SnpPageType.Cpuid || argument.ImiPage) return SevRet.InvalidParam;
        if (argument.Is2m) return SevRet.InvalidPageSize;
        ulong page = pages.Physical(argument.Address.Value);
        if (page % PhysicalMemory.PageSize != 0 || !memory.IsMemory(page)) return SevRet.InvalidAddress;
        RmpEntry entry = rmp[page];
        if (entry.IsAssigned && entry.Asid != guest.Asid) return SevRet.InvalidPageOwner;
        if (entry is not { IsGuest: true, IsImmutable: true, IsValidated: false }) return SevRet.InvalidPageState;

        byte[] content = Content(guest, argument.PageType, page);
        guest.Measure(argument.PageType, entry.Gpa, IsMeasured(argument.PageType) ? content : []);
        memory.Write(page, content, guest.Key);
        rmp.Launch(page);
        return SevRet.Success;
    }

    public SevRet Finish(in SnpLaunchFinish argument)
    {
        if (!guests.TryGet(argument.GctxPaddr.Value, out GuestContext? guest)) return SevRet.InvalidGuest;
        if (guest.State != GuestState.Launching) return SevRet.InvalidGuestState;
        if (argument.IdBlockEn || argument.AuthKeyEn) return SevRet.Unsupported;
        guest.Finish(argument.HostData);
        return SevRet.Success;
    }

    private byte[] Content(GuestContext guest, SnpPageType type, ulong page)
    {
        byte[] content = new byte[PhysicalMemory.PageSize];
        if (type == SnpPageType.Secrets) Secrets(guest).Write(content);
        else if (type != SnpPageType.Zero) memory.Read(page, content, KeyId.Shared);
        return content;
    }

    private static SnpSecretsPage Secrets(GuestContext guest)
    {
        var secrets = new SnpSecretsPage { Version = SecretsVersion };
        guest.MessageKeys[0].CopyTo((Span<byte>)secrets.Vmpck0);
        guest.MessageKeys[1].CopyTo((Span<byte>)secrets.Vmpck1);
        guest.MessageKeys[2].CopyTo((Span<byte>)secrets.Vmpck2);
        guest.MessageKeys[3].CopyTo((Span<byte>)secrets.Vmpck3);
        return secrets;
    }

    private static bool IsMeasured(SnpPageType type) => type is SnpPageType.Normal or SnpPageType.Vmsa or SnpPageType.Cpuid;
}
