/** How a login is shown: both parts can be copied, the password only when asked for. */
export function credentialsResult(
  title: string,
  message: string | null,
  login: { user: string; password: string },
) {
  return {
    version: '1' as const,
    title,
    message,
    result: {
      type: 'group' as const,
      value: [
        {
          type: 'single' as const,
          name: 'User name',
          description: null,
          value: login.user,
          copyable: true,
          masked: false,
          qr: false,
        },
        {
          type: 'single' as const,
          name: 'Password',
          description: null,
          value: login.password,
          copyable: true,
          masked: true,
          qr: false,
        },
      ],
    },
  }
}
