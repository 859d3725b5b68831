namespace TeeIo.Pci.Spdm;

/// <summary>Object identifiers of DMTF in certificates.</summary>
/// <remarks>Source: DMTF/libspdm library/spdm_crypt_lib/libspdm_crypt_cert.c (7199f344).</remarks>
public static class SpdmOids
{
    /// <summary>An alternative name with manufacturer, product and serial number.</summary>
    public const string DeviceInfo = "1.3.6.1.4.1.412.274.1";

    /// <summary>The certificate is of the hardware, and no alias.</summary>
    public const string HardwareIdentity = "1.3.6.1.4.1.412.274.2";

    /// <summary>Extended key usage of a responder's certificate.</summary>
    public const string ResponderAuthentication = "1.3.6.1.4.1.412.274.3";

    /// <summary>Extended key usage of a requester's certificate.</summary>
    public const string RequesterAuthentication = "1.3.6.1.4.1.412.274.4";
}
