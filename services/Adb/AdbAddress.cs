namespace CloudPhone.Adb;

/// <summary>Nobody but this service may reach it: adbd asks for no keys.</summary>
/// <param name="Serial">What the phone's <c>ro.serialno</c> is; null: it can't be told from others.</param>
sealed record AdbAddress(string Host, int Port, string? Serial);

/// <summary>Where a phone's adbd is now.</summary>
/// <exception cref="AdbException"><see cref="AdbFault.Unreachable"/>: the phone is off, or not up far
/// enough.</exception>
delegate Task<AdbAddress> FindPhone(Guid deviceId, CancellationToken ct);
